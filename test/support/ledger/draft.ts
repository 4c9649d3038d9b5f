import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Cap, Filter, Ledger } from '../../../src/payment/ledger.js'
import type { Charge, Draft, Payment, Presentation } from '../../../src/payment/payment.js'
import type { Claimant } from '../../../src/payment/purchase.js'
import { toTerms } from '../../../src/payment/terms.js'
import { type PaymentRequirements, readRequirements } from '../../../src/wire/requirements.js'

/** The account that pays. */
const PAYER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B'

/** A dollar, as charges count it. */
export const DOLLAR = 10n ** 18n

/** What a payment of so many dollars is charged. */
export function dollars(amount: number): readonly Charge[] {
  return [
    { unit: 'payments/all', amount: 1n },
    { unit: 'usd', amount: BigInt(amount) * DOLLAR },
  ]
}

/** What is sold, as the seller writes it: for a dollar, on a chain that there isn't. */
export const ENTRY = {
  scheme: 'exact',
  network: 'example:1',
  amount: '1000000',
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  maxTimeoutSeconds: 60,
  extra: { name: 'USD Coin', version: '2' },
}

/** What a test says of a payment: the rest is as in {@link createDraft}. */
export type DraftChange = Partial<Omit<Draft, 'call' | 'terms' | 'by'>> & {
  readonly call?: Partial<Draft['call']> | undefined
  readonly terms?: Partial<Draft['terms']> | undefined
  readonly by?: Partial<Draft['by']> | undefined
}

/** A payment of one dollar. It's asked for by someone from whom no open payment of another test's keeps anything. */
export function createDraft({ call, terms, by, ...change }: DraftChange = {}): Draft {
  return {
    call: {
      purchase: 'weather',
      coarse: 'weather',
      isKeyed: false,
      origin: 'https://api.example.com',
      host: 'api.example.com',
      method: 'GET',
      resource: 'https://api.example.com/weather',
      tags: [],
      ...call,
    },
    terms: { ...toTerms(readEntry()), ...terms },
    notation: { symbol: 'USDC', decimals: 6, isPegged: true },
    payer: PAYER,
    exposure: 1_000_000n,
    charges: dollars(1),
    by: { payers: [], nowSeconds: Number.MAX_SAFE_INTEGER, buysOver: false, ...by },
    isPinned: false,
    ...change,
  }
}

function readEntry(): PaymentRequirements {
  const requirements = readRequirements(ENTRY, 2)
  if ('problem' in requirements) throw new Error(requirements.problem)
  return requirements.value
}

/** The signed payment of a draft. */
export function createPresentation(change: Record<string, unknown> = {}): Presentation {
  return { payload: { x402Version: 2, payload: { nonce: '0x1', ...change }, accepted: ENTRY }, entry: ENTRY }
}

/** It leaves for the first time. */
export const SENT = { type: 'sent', presentation: createPresentation() } as const satisfies PaymentEvent
export const DELIVERED = { type: 'delivered', status: 200 } as const satisfies PaymentEvent
export const ANSWERED = { type: 'answered', status: 404 } as const satisfies PaymentEvent
export const LOST = { type: 'lost' } as const satisfies PaymentEvent
export const SETTLED = { type: 'settled', transaction: '0x7' } as const satisfies PaymentEvent
export const RELEASED = { type: 'released', because: 'dead' } as const satisfies PaymentEvent

/** A cap of so many dollars, for ever and on all payments. */
export function createCap(amount: number, change: Partial<Cap> = {}): Cap {
  return { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined, amount: BigInt(amount) * DOLLAR, ...change }
}

/** Who asks for the purchase of `createDraft`, at a time when no payment of these tests is over. */
export function createClaimant(change: Partial<Claimant> = {}): Claimant {
  return {
    purchase: 'weather',
    coarse: 'weather',
    isKeyed: false,
    payers: [PAYER],
    nowSeconds: 1_000_000_000,
    buysOver: false,
    ...change,
  }
}

/** All that a ledger lists. */
export async function readAll(ledger: Ledger, filter: Filter = {}): Promise<readonly Payment[]> {
  const payments: Payment[] = []
  for await (const payment of ledger.list(filter)) payments.push(payment)
  return payments
}

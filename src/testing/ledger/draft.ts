import type { CallFacts, Charge, Draft } from '../../payment/payment.js'
import type { Asker } from '../../payment/purchase.js'
import type { Terms } from '../../payment/terms.js'

/** A dollar, as charges count it. */
export const DOLLAR = 10n ** 18n

/** What a payment of so many dollars is charged. */
export function dollars(amount: number): readonly Charge[] {
  return [
    { unit: 'payments/all', amount: 1n },
    { unit: 'usd', amount: BigInt(amount) * DOLLAR },
  ]
}

/** The account that pays in `createDraft`. */
export const PAYER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B'

/** What is different in a draft from what {@link createDraft} would make. */
export type DraftChange = Partial<Omit<Draft, 'call' | 'terms' | 'by'>> & {
  readonly call?: Partial<CallFacts> | undefined
  readonly terms?: Partial<Terms> | undefined
  readonly by?: Partial<Asker> | undefined
}

/** Creates the draft of a payment of one dollar, on a chain that doesn't exist, at a time when no payment of these cases is over. */
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
    terms: {
      scheme: 'exact',
      network: 'example:1',
      asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      amount: 1_000_000n,
      maxTimeoutSeconds: 60,
      extra: { name: 'USD Coin', version: '2' },
      ...terms,
    },
    notation: { symbol: 'USDC', decimals: 6, isPegged: true },
    payer: PAYER,
    exposure: 1_000_000n,
    charges: dollars(1),
    isPinned: false,
    ...change,
    by: { payers: [PAYER], nowSeconds: 1_000_000_000, buysOver: false, ...by },
  }
}

/** The names of another purchase. */
export function named(purchase: string): Pick<CallFacts, 'purchase' | 'coarse'> {
  return { purchase, coarse: purchase }
}

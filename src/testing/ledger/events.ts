import type { Outcome, PaymentEvent, Signature } from '../../payment/event.js'
import type { Presentation } from '../../payment/payment.js'
import { createDraft } from './draft.js'

/**
 * The signed payment of a draft, as it is presented.
 *
 * @param change - What the scheme signed besides a nonce.
 */
export function createPresentation(change: Record<string, unknown> = {}): Presentation {
  const { amount, ...terms } = createDraft().terms
  const entry = { ...terms, amount: String(amount) }
  return { payload: { x402Version: 2, payload: { nonce: '0x1', ...change }, accepted: entry }, entry }
}

type Sent = Extract<PaymentEvent, { readonly type: 'sent' }> & Signature

/** A payment is about to leave for the first time. */
export function createSent(change: Partial<Signature> = {}): Sent {
  return { type: 'sent', presentation: createPresentation(), ...change }
}

export const sent = createSent()
export const delivered: Outcome = { type: 'delivered', status: 200 }
export const answered: Outcome = { type: 'answered', status: 404 }
export const lost: Outcome = { type: 'lost' }
export const settled: PaymentEvent = { type: 'settled' }
export const released: PaymentEvent = { type: 'released', because: 'dead' }
export const forgotten: PaymentEvent = { type: 'forgotten' }
export const canceling: PaymentEvent = { type: 'canceling', cancellation: '0x3' }
const told: PaymentEvent = { type: 'told', said: 'no' }
export const freed: PaymentEvent = { type: 'freed' }

/** All that can happen to a payment, with and without what may be learned by it. */
export const EVENTS: readonly PaymentEvent[] = [
  sent,
  { type: 'sent' },
  { type: 'sent', purchaseForSeconds: 7 },
  createSent({ nonce: '0x2', validUntilSeconds: 9, charges: [{ unit: 'usd', amount: 7n }] }),
  delivered,
  answered,
  lost,
  { type: 'lost', status: 500, said: 'wait', transaction: '0x1', isSettled: true },
  settled,
  { type: 'settled', transaction: '0x2', charged: 5n, charges: [{ unit: 'usd', amount: 5n }] },
  released,
  canceling,
  forgotten,
  told,
  { type: 'told', transaction: '0x4' },
  freed,
]

import type { PaymentEvent } from '../payment/event.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { Signed } from '../payment/steps.js'
import type { EventFacts } from '../payment/stream.js'

/** How often a step of the ledger is tried that nobody else would make up for, and how long is waited between, in milliseconds. */
const MAX_TRIES = 3
const TRY_PAUSE_MS = 50

/**
 * Tells the ledger what became of a payment that has left, and again where that fails: one write that went wrong would leave a payment in
 * flight for good.
 *
 * The caller's response never depends on it (R7): a ledger that lags behind still counts the full amount, so it is a warning.
 *
 * @returns The payment as it is now, or as it was where the ledger could not be told.
 */
export function noteOutcome(payment: Payment, event: PaymentEvent, ports: Ports): Promise<Payment> {
  return noteAndTell(payment.id, event, ports).catch(async () => {
    const message = `The ledger could not note what became of payment ${payment.id}.`
    return (await noteAgain(payment.id, event, message, ports)) ?? payment
  })
}

/** Tells the ledger what happened to a payment, and whoever listens. */
export function noteAndTell(id: string, event: PaymentEvent, ports: Ports): Promise<Payment> {
  let noting: Promise<Payment>
  try {
    noting = ports.ledger.note(id, event)
  } catch (error) {
    return Promise.reject(error) // a ledger of someone else's may throw at once
  }
  return ports.emit.isHeard() ? noting.then((payment) => tell(payment, event, ports)) : noting
}

/**
 * Gives back what was reserved for a payment that never left, and lets others present one that left before.
 *
 * A ledger that can't be told leaves it counted, which is a warning: the reason why the payment never left is what the caller is told.
 */
export async function releaseUnsent(
  { payment, signature }: Pick<Signed, 'payment' | 'signature'>,
  ports: Ports,
): Promise<void> {
  // A step that failed may have happened all the same: of one that was just signed, only this call has the signature.
  const isOurs = signature !== undefined || payment.state === 'reserved'
  const event: PaymentEvent = isOurs ? { type: 'released', because: 'unsent' } : { type: 'lost' }
  const message = `The ledger could not release payment ${payment.id}; it stays counted.`
  try {
    await noteAndTell(payment.id, event, ports)
  } catch {
    await noteAgain(payment.id, event, message, ports)
  }
}

async function noteAgain(id: string, event: PaymentEvent, message: string, ports: Ports): Promise<Payment | undefined> {
  for (let tries = 2; ; tries++) {
    await ports.wait(TRY_PAUSE_MS, undefined)
    try {
      return await noteAndTell(id, event, ports)
    } catch (cause) {
      if (tries < MAX_TRIES) continue
      ports.warn({ code: 'LEDGER_BEHIND', message, cause })
      return undefined
    }
  }
}

/** Tells whoever listens what the ledger was told. Returns the payment. */
function tell(payment: Payment, event: PaymentEvent, { emit }: Pick<Ports, 'emit'>): Payment {
  emit(event.type, () => toEventFacts(payment, event))
  return payment
}

/** What was signed stays here: whoever listens may write logs. */
function toEventFacts(payment: Payment, event: PaymentEvent): EventFacts<PaymentEvent['type']> {
  const { id, call } = payment
  const { type: _type, ...told } = event
  const {
    presentation: _presentation,
    charges: _charges,
    allowances: _allowances,
    nonce: _nonce,
    purchase: _purchase,
    isSettled: _isSettled, // `money` says it
    charged,
    ...facts
  } = told as Record<string, unknown> // of one type or another, of which none has more to hide
  // As text, since whoever listens may write it as JSON, which knows no bigint.
  const shown = charged === undefined ? facts : { ...facts, charged: String(charged) }
  return { ...shown, payment: id, resource: call.resource, money: moneyOf(payment) } as EventFacts<PaymentEvent['type']> // what `Told` takes away is gone
}

import { isX402Error } from '../errors/x402-error.js'
import type { PaymentEvent } from '../payment/event.js'
import type { Ledger } from '../payment/ledger.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { PurchaseNames } from '../payment/purchase.js'
import type { Signed } from '../payment/steps.js'
import type { EventFacts } from '../payment/stream.js'
import type { Judgement } from './judge.js'

/** How many times a step of the ledger is tried when nothing else would make up for it, and the pause between tries, in milliseconds. */
const MAX_TRIES = 3
const TRY_PAUSE_MS = 50

/**
 * Tells the ledger what became of a payment that was sent, and tries again if that fails: otherwise one failed write would leave the payment in
 * flight for good.
 *
 * The caller's response never depends on it (R7). A ledger that couldn't be told still counts the full amount, so that is a warning. It is told
 * before the same is bought again; see {@link catchUp}.
 *
 * @returns The payment as it is now, or as it was when the ledger could not be told.
 */
export function noteOutcome(payment: Payment, event: PaymentEvent, ports: Ports): Promise<Payment> {
  return noteAndTell(payment.id, event, ports).catch(async () => {
    const message = `The ledger could not note what became of payment ${payment.id}.`
    const noted = await noteAgain(payment.id, event, message, ports)
    if (noted === undefined && event.type !== 'delivered') remember({ ledger: ports.ledger, payment, event })
    return noted ?? payment
  })
}

/** What a ledger couldn't be told about a payment, kept until it can be. */
type Untold = { readonly ledger: Ledger; readonly payment: Payment; readonly event: PaymentEvent }

/** Whatever ledger they are of, so that a call looks at one length and no more. */
const untold = new Set<Untold>()

/** How many of them are kept in a process; then the oldest is forgotten. */
const MAX_UNTOLD = 1000

function remember(one: Untold): void {
  const [oldest] = untold
  if (untold.size >= MAX_UNTOLD && oldest !== undefined) untold.delete(oldest)
  untold.add(one)
}

/**
 * Tells the ledger what it couldn't be told about payments of this purchase. Until then it believes that they are in flight, and the same would
 * be paid for again.
 *
 * @returns `undefined` if there is nothing to tell, which is so unless a ledger failed.
 * @throws What the ledger throws; then nobody knows what is waiting for this purchase.
 */
export function catchUp(names: PurchaseNames, ports: Ports): Promise<void> | undefined {
  return untold.size === 0 ? undefined : tellAll(names, ports)
}

async function tellAll({ purchase, coarse }: PurchaseNames, ports: Ports): Promise<void> {
  for (const one of [...untold]) {
    const { call, id } = one.payment
    const isSame = call.purchase === purchase || (coarse !== undefined && call.coarse === coarse)
    if (one.ledger !== ports.ledger || !isSame) continue
    try {
      await noteAndTell(id, one.event, ports)
    } catch (error) {
      // Under a key the ledger itself refuses a second payment.
      if (call.isKeyed) continue
      // The ledger knows more about it by now, or nothing at all.
      if (!isX402Error(error) || !['LEDGER_CONFLICT', 'LEDGER_UNKNOWN_RECORD'].includes(error.code)) throw error
    }
    untold.delete(one)
  }
}

/** Tells the ledger what happened to a payment, then the listeners. */
export function noteAndTell(id: string, event: PaymentEvent, ports: Ports): Promise<Payment> {
  let noting: Promise<Payment>
  try {
    noting = ports.ledger.note(id, event)
  } catch (error) {
    return Promise.reject(error) // someone else's ledger may throw instead of rejecting
  }
  return ports.emit.isHeard() ? noting.then((payment) => tell(payment, event, ports)) : noting
}

/**
 * Releases a payment that never left, or lets others present one that left before.
 *
 * If the ledger can't be told, the payment stays counted. That is only a warning, since the caller should learn why the payment never left.
 */
export async function releaseUnsent(
  { payment, signature }: Pick<Signed, 'payment' | 'signature'>,
  ports: Ports,
): Promise<void> {
  // A step that failed may have happened anyway. If the payment was just signed, only this call has the signature.
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

/** Tells the listeners what the ledger was told. Returns the payment. */
function tell(payment: Payment, event: PaymentEvent, { emit }: Pick<Ports, 'emit'>): Payment {
  emit(event.type, () => toEventFacts(payment, event))
  return payment
}

/** Leaves out what was signed, since listeners may write logs. */
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
  } = told as Record<string, unknown> // the union of all events; these are all the members to hide
  // As text, since a listener may write it as JSON, which has no bigint.
  const shown = charged === undefined ? facts : { ...facts, charged: String(charged) }
  return { ...shown, payment: id, resource: call.resource, money: moneyOf(payment) } as EventFacts<PaymentEvent['type']> // what `Told` takes away is gone
}

/**
 * Tells the scheme that a seller responded and didn't settle: others needn't wait for such a payment any longer. One that was lost may still be
 * settled, so of that nothing is told.
 */
export async function noteUnsettled(
  { terms, payer, nonce }: Payment,
  { isSettled, isRejected, delivery }: Pick<Judgement, 'isSettled' | 'isRejected' | 'delivery'>,
  { schemes }: Ports,
): Promise<void> {
  if (nonce === undefined || isSettled || (delivery === 'lost' && !isRejected)) return
  try {
    const { scheme, network } = terms
    const registration = schemes.find({ scheme, network, x402Version: 2, spoken: undefined, payer })
    await registration?.scheme.noteUnsettled?.(nonce)
  } catch {
    // Others wait a while then; the response doesn't depend on it (R7).
  }
}

import { isX402Error } from '../errors/x402-error.js'
import { isUnsent, type PaymentEvent } from '../payment/event.js'
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
 * before the same is bought again, also where a try still runs; see {@link catchUp}.
 *
 * @returns The payment as it is now, or as it was when the ledger could not be told.
 */
export function noteOutcome(payment: Payment, event: PaymentEvent, ports: Ports): Promise<Payment> {
  const message = `The ledger could not note what became of payment ${payment.id}.`
  if (event.type !== 'delivered') return noteSurely(payment, event, message, ports)
  // Most payments end so, and what was delivered isn't presented again: nothing waits for the ledger to know it.
  return noteAndTell(payment.id, event, ports).catch(() => noteSurely(payment, event, message, ports, 1))
}

/**
 * Tells the ledger, and remembers it until the ledger knows: from the first try on, so that the same isn't bought again between two of them.
 *
 * @param triedBefore - How many times it was tried already.
 * @returns The payment as it is now, or as it was when the ledger could not be told.
 */
async function noteSurely(
  payment: Payment,
  event: PaymentEvent,
  message: string,
  ports: Ports,
  triedBefore = 0,
): Promise<Payment> {
  const one: Untold = { ledger: ports.ledger, payment, event, telling: undefined }
  remember(one)
  for (let tries = triedBefore; ; tries++) {
    if (tries > 0) await ports.wait(TRY_PAUSE_MS, undefined)
    try {
      return await tellUntold(one, ports)
    } catch (cause) {
      if (tries + 1 < MAX_TRIES) continue
      ports.warn({ code: 'LEDGER_BEHIND', message, cause })
      // Without a key, a payment that the ledger takes to be in flight keeps no one from buying.
      if (event.type === 'delivered' && !payment.call.isKeyed) untold.delete(one)
      return hasLeft(event, cause) ? { ...payment, state: 'sent' } : payment
    }
  }
}

/** Whether the ledger says of a payment that is to be released that it has left: another process took it over, and presented it. */
function hasLeft(event: PaymentEvent, cause: unknown): boolean {
  if (!isUnsent(event) || !isX402Error(cause) || cause.code !== 'LEDGER_CONFLICT') return false
  // What it says is released already can't be spent, whoever released it.
  return cause.money === 'in-doubt' || cause.money === 'settled'
}

/** What a ledger wasn't told yet about a payment, kept until it knows. */
type Untold = {
  readonly ledger: Ledger
  readonly payment: Payment
  readonly event: PaymentEvent
  /** The try that runs, or the one that succeeded. */
  telling: Promise<Payment> | undefined
}

/**
 * Tells it once, whoever asks for that: told a second time, once another call has presented the payment, it would be taken for what became of
 * that call.
 */
function tellUntold(one: Untold, ports: Ports): Promise<Payment> {
  one.telling ??= noteAndTell(one.payment.id, one.event, ports).then(
    (payment) => {
      untold.delete(one)
      return payment
    },
    (error: unknown) => {
      one.telling = undefined
      // The ledger knows more about it by now, or nothing at all.
      if (isX402Error(error) && ['LEDGER_CONFLICT', 'LEDGER_UNKNOWN_RECORD'].includes(error.code)) untold.delete(one)
      throw error
    },
  )
  return one.telling
}

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
 * @throws What the ledger throws; then no one knows what is waiting for this purchase.
 */
export function catchUp(names: PurchaseNames, ports: Ports): Promise<void> | undefined {
  return untold.size === 0 ? undefined : tellAll(names, ports)
}

async function tellAll({ purchase, coarse }: PurchaseNames, ports: Ports): Promise<void> {
  for (const one of [...untold]) {
    const { call } = one.payment
    const isSame = call.purchase === purchase || (coarse !== undefined && call.coarse === coarse)
    if (one.ledger !== ports.ledger || !isSame) continue
    // Under a key the ledger itself refuses a second payment.
    await tellUntold(one, ports).catch((error: unknown) => {
      if (!call.isKeyed && one.event.type !== 'released' && untold.has(one)) throw error
    })
  }
}

/** Purchases of which a claim may have been made though its reply was lost, by the ledger that lost it. */
const lostClaims = new WeakMap<Ledger, Set<string>>()

/** Remembers a claim whose reply was lost: the ledger may believe that this call presents the payment, which it doesn't. */
export function rememberClaim({ purchase, coarse = purchase }: PurchaseNames, { ledger }: Ports): void {
  const names = lostClaims.get(ledger) ?? new Set()
  lostClaims.set(ledger, names.add(purchase).add(coarse))
  if (names.size > MAX_UNTOLD) for (const name of [...names].slice(0, 2)) names.delete(name)
}

/** Whether the claim of a payment that no call lets go of may be one whose reply was lost; said once of each. */
export function isLostClaim({ call }: Payment, { ledger }: Ports): boolean {
  const names = lostClaims.get(ledger)
  const isLost = names?.delete(call.purchase) === true
  return (call.coarse !== undefined && names?.delete(call.coarse) === true) || isLost
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
 * Releases a payment that never left, or lets others present one that left before. Who approved it at a desk needn't do so again.
 *
 * If the ledger can't be told, the payment stays counted until the same is bought again. That is only a warning, since the caller should learn
 * why the payment never left.
 *
 * @returns The payment as it is now, or as it was when the ledger could not be told.
 */
export async function releaseUnsent(
  { payment, signature }: Pick<Signed, 'payment' | 'signature'>,
  ports: Ports,
  { keepsApproval = false }: { readonly keepsApproval?: boolean | undefined } = {},
): Promise<Payment> {
  // A step that failed may have happened anyway. If the payment was just signed, only this call has the signature.
  const isOurs = signature !== undefined || payment.state === 'reserved'
  const event: PaymentEvent = isOurs ? { type: 'released', because: 'unsent' } : { type: 'lost' }
  const after = await noteSurely(
    payment,
    event,
    `The ledger could not release payment ${payment.id}; it stays counted.`,
    ports,
  )
  ports.underWay.payments.delete(payment.id)
  const { approval } = payment
  // Loaded when it was taken.
  if (approval && isOurs && !keepsApproval) await (await import('./approvers/proposal.js')).giveBack(approval, ports)
  return after
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
    purchaseForSeconds: _purchaseForSeconds,
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

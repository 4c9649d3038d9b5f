import { oncePerFrozen } from '../wire/frozen.js'
import { freezeParsed } from '../wire/json.js'
import { type CallFacts, type Charge, copyCharges, type Payment, type Presentation, type State } from './payment.js'
import { isClosed, isUnderWay } from './purchase.js'
import type { TokenAllowance } from './scheme.js'
import type { Terms } from './terms.js'

/** What was signed, and what is known about it. */
export type Signature = {
  readonly presentation: Presentation
  readonly validUntilSeconds?: number | undefined
  readonly nonce?: string | undefined
  readonly allowances?: readonly TokenAllowance[] | undefined
  /** What counts from now on, when less was signed than was reserved. */
  readonly charges?: readonly Charge[] | undefined
}

/** What became of a payment that was sent. */
export type Outcome = {
  readonly type: 'delivered' | 'answered' | 'lost'
  readonly status?: number | undefined
  /** The seller's reason for not delivering, in its own words. */
  readonly said?: string | undefined
  /** The transaction that the seller names. */
  readonly transaction?: string | undefined
  /** A receipt that fits the terms says that it was taken. */
  readonly isSettled?: boolean | undefined
}

/** What happened to a payment. */
export type PaymentEvent =
  /** It is about to be sent: the first time with what was signed, after that without. */
  | ({
      readonly type: 'sent'
      /** A new exact name for its purchase, when a 401 refused an earlier credential and it is now presented with another one. */
      readonly purchase?: string | undefined
      /** How long its key doesn't buy again once it's delivered, where the call that presents it says so; the longest counts. */
      readonly purchaseForSeconds?: number | undefined
    } & Partial<Signature>)
  | Outcome
  | {
      readonly type: 'settled'
      readonly transaction?: string | undefined
      /** What the chain says was taken, in atomic units. A receipt is the seller's word and proves nothing. */
      readonly charged?: bigint | undefined
      /** What counts instead, when that is less than was reserved. */
      readonly charges?: readonly Charge[] | undefined
    }
  /** It was never sent, or it is proven that it can never be spent. */
  | {
      readonly type: 'released'
      /** `unsent`: this call gave it up. `gone`: the process that reserved it is gone. `dead`: the chain proves that it can't be spent any more. */
      readonly because: 'unsent' | 'gone' | 'dead'
      readonly transaction?: string | undefined
    }
  /** A transaction that cancels it was sent. */
  | { readonly type: 'canceling'; readonly cancellation: string }
  /** Its purchase was given up, or is bought again. */
  | { readonly type: 'forgotten' }
  /** What the seller says about it, in words that don't tell whether it delivered. */
  | { readonly type: 'told'; readonly said?: string | undefined; readonly transaction?: string | undefined }
  /** The call that claimed it won't present it. */
  | { readonly type: 'freed' }

/** Whether an event says that a payment never left. Of one that was noted as sent only the process says so that has it: another may have presented it since. */
export function isUnsent(event: PaymentEvent): boolean {
  return event.type === 'released' && event.because === 'unsent'
}

/** An event that can't have happened to a payment in its state. */
export type Conflict = { readonly conflict: State; readonly event: PaymentEvent['type'] }

/**
 * Applies an event to a payment: the one rule about what may follow what, which every ledger runs.
 *
 * An event that is told twice has one effect, since a step whose reply was lost is done again. Any event ends a claim. The signed payment is
 * kept only while it may have to be presented again: anyone who holds it can spend it.
 *
 * @param payment - As it was before; it isn't changed.
 * @param event - What happened to it. What it leaves out stays as it was.
 * @returns The payment as it is now, or a {@link Conflict} when this can't have happened.
 */
export function apply(payment: Payment, event: PaymentEvent): Payment | Conflict {
  const { state } = payment
  const hasLeft = state === 'sent' || state === 'settled'
  switch (event.type) {
    case 'sent':
      return applySent(payment, event)
    case 'released':
      if (state === 'settled') return { conflict: state, event: event.type }
      return close({
        ...payment,
        state: 'released',
        claimed: false,
        transaction: event.transaction ?? payment.transaction,
      })
    case 'freed':
      return payment.claimed ? { ...payment, claimed: false } : payment
    default:
      return hasLeft ? learn(payment, event) : { conflict: state, event: event.type }
  }
}

/**
 * Says what a crash means for a payment that the process had in flight: the signature of what was never sent is lost, and nothing waits for
 * the response to what was sent.
 *
 * @param payment - One that the process which is gone had reserved, sent or claimed.
 * @returns The event to note; `undefined` when the crash changes nothing.
 */
export function toCrashEvent(payment: Payment): PaymentEvent | undefined {
  if (isUnderWay(payment)) {
    return payment.state === 'reserved' ? { type: 'released', because: 'gone' } : { type: 'lost' }
  }
  return payment.claimed ? { type: 'freed' } : undefined
}

type Of<Type extends PaymentEvent['type']> = Extract<PaymentEvent, { readonly type: Type }>

function applySent(payment: Payment, event: Of<'sent'>): Payment | Conflict {
  const { state, delivery, call } = payment
  const isFirst = state === 'reserved'
  const isUnsigned = isFirst && event.presentation === undefined
  if (state === 'released' || delivery === 'delivered' || payment.forgotten || isUnsigned) {
    return { conflict: state, event: event.type }
  }
  return {
    ...payment,
    call: toPresentedCall(call, event),
    state: isFirst ? 'sent' : state,
    delivery: 'none',
    claimed: false,
    presentation: event.presentation ?? payment.presentation,
    validUntilSeconds: event.validUntilSeconds ?? payment.validUntilSeconds,
    nonce: event.nonce ?? payment.nonce,
    allowances: event.allowances ?? payment.allowances,
    charges: event.charges === undefined ? payment.charges : copyCharges(event.charges),
  }
}

/** The call as it's known from then on. Most payments are presented by the call that made them. */
function toPresentedCall(call: CallFacts, { purchase = call.purchase, purchaseForSeconds = 0 }: Of<'sent'>): CallFacts {
  const isLonger = purchaseForSeconds > (call.purchaseForSeconds ?? 0)
  if (purchase === call.purchase && !isLonger) return call
  return { ...call, purchase, ...(isLonger && { purchaseForSeconds }) }
}

/** A payment that was just copied, so that its fields may still be set. */
type Fresh = { -readonly [Name in keyof Payment]: Payment[Name] }

type Learned = Outcome | Of<'settled'> | Of<'canceling'> | Of<'forgotten'> | Of<'told'>

function learn(payment: Payment, event: Learned): Payment {
  const after: Fresh = { ...payment, claimed: false }
  switch (event.type) {
    case 'settled':
      after.state = 'settled'
      after.transaction = event.transaction ?? payment.transaction
      after.charged = event.charged ?? payment.charged
      if (event.charges !== undefined) after.charges = copyCharges(event.charges)
      break
    case 'canceling':
      after.cancellation = event.cancellation
      break
    case 'told':
      after.sellerSaid = event.said ?? payment.sellerSaid
      after.transaction = event.transaction ?? payment.transaction
      break
    case 'forgotten':
      after.forgotten = true
      // A payment that still waits for its response may be one whose outcome the ledger was never told.
      if (payment.delivery === 'none') after.delivery = 'lost'
      break
    default:
      learnOutcome(after, event)
  }
  return close(after)
}

/** Delivered is final: a later outcome changes only where the money is. */
function learnOutcome(after: Fresh, { type, status, said, transaction, isSettled }: Outcome): void {
  if (isSettled) after.state = 'settled'
  if (transaction !== undefined) after.transaction = transaction
  if (after.delivery === 'delivered') return
  after.delivery = type
  if (status !== undefined) after.status = status
  if (said !== undefined) after.sellerSaid = said
}

/** A payment that is over is never presented again, so what that would take is dropped. */
function close(after: Fresh): Payment {
  if (!isClosed(after)) return after
  after.presentation = undefined
  after.terms = withoutExtra(after.terms)
  return after
}

/** Terms without `extra` may be shared by thousands of payments, and stay shared. */
const withoutExtra = /* @__PURE__ */ oncePerFrozen(
  (terms: Terms): Terms => (Object.keys(terms.extra).length === 0 ? terms : freezeParsed({ ...terms, extra: {} })),
)

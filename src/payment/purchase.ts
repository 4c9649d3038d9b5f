import { isSameAddress } from '../wire/address.js'
import type { Payment } from './payment.js'
import { isAddressLabel, isLabel } from './purchase-name.js'

/** The two names of a purchase. */
export type PurchaseNames = {
  /** The exact name: the caller's key, or a digest of the request. */
  readonly purchase: string
  /**
   * The name of the request without what changes between tries, such as a token or a cookie. If a payment is
   * open under it with another exact name, it has to be taken for someone else's. `undefined` when every such header tells buyers apart.
   */
  readonly coarse: string | undefined
}

/** Who asks to buy, and what they could present. */
export type Asker = {
  /** The accounts that the asker can pay from. */
  readonly payers: readonly string[]
  /** The asker's own clock. */
  readonly nowSeconds: number
  /** Whether any purchase is over some time after its payment's end, even with a key, and with any method. */
  readonly buysOver: boolean
  /** Payments that a new one may be made in place of, since a person agreed to that or their purchase is over. @default none */
  readonly insteadOf?: readonly string[] | undefined
  /** Which limits of the register the payment was judged by, as `version` names them. @default none: the client's own */
  readonly limits?: string | undefined
}

/** Who asks whether a payment of a purchase is open. */
export type Claimant = PurchaseNames &
  Asker & {
    /** The caller named the purchase by a key. */
    readonly isKeyed: boolean
  }

/**
 * A payment that is in the way of a new one for the same purchase.
 *
 * - `open`: a payment that the asker could present.
 * - `claimed`: a payment that the asker could present, but another call is presenting it right now.
 * - `under-way`: the same key is being paid for.
 * - `bought`: the same key was paid for and delivered, and doesn't buy again for a while.
 * - `foreign`: a payment under another exact name, or from an account that isn't the asker's, that can still be taken; of the same key also one
 *   that can't.
 */
export type OpenPurchase = {
  readonly is: 'open' | 'claimed' | 'under-way' | 'bought' | 'foreign'
  readonly payment: Payment
}

/**
 * What a `claim` came to: nothing is open (`over` lists payments whose purchase is over, so that it may be bought again), the payment is
 * yours to present, or it is another call's.
 */
export type Claim =
  | { readonly is: 'nothing'; readonly over: readonly Payment[] }
  | { readonly is: 'yours'; readonly payment: Payment }
  | (OpenPurchase & { readonly is: 'claimed' | 'under-way' | 'bought' | 'foreign' })

/** How long after an answered payment's end its purchase is over, in seconds: a seller that waits out each payment gets at most one in that time. */
const ANSWERED_PAUSE_SECONDS = 60

/** The shortest time from signing to the end of an answered purchase, in seconds: a poller pays at most once in it. */
const ANSWERED_LEAST_SECONDS = 180

/** How long after a lost payment's end its purchase is over, in seconds. */
const LOST_PAUSE_SECONDS = 600

/** How long another buyer's payment that has no end of its own keeps this one from buying, in seconds. */
const FOREIGN_LIFE_SECONDS = 600

/**
 * For how long it does so at least, in seconds: the seller sets the end of a payment, and might set one that passes between two tries of a
 * buyer whose cookie or token changes, to be paid at each.
 */
const FOREIGN_LEAST_SECONDS = 60

type Life = Pick<Payment, 'atSeconds' | 'validUntilSeconds'>
type Standing = Pick<Payment, 'state' | 'delivery' | 'forgotten'>

/** Whether a payment left and brought no delivery, and wasn't given up: the same purchase presents it again. */
export function isOpen({ state, delivery, forgotten }: Standing): boolean {
  const hasLeft = state === 'sent' || state === 'settled'
  return hasLeft && (delivery === 'answered' || delivery === 'lost') && !forgotten
}

/** Whether a payment is reserved and not sent yet, or sent and still waiting for its response. */
export function isUnderWay({ state, delivery }: Pick<Payment, 'state' | 'delivery'>): boolean {
  return state === 'reserved' || (state !== 'released' && delivery === 'none')
}

/** A payment that was handed out, and which client did. */
export type HandedOut = { readonly payment: Payment; readonly by: UnderWay }

/** What a client has under way in this process, with all that it restricts, so that it can end without losing anything. */
export type UnderWay = {
  /** Nothing more is bought: the client is being drained. */
  isDraining: boolean
  /** Counts calls that may pay, or wait for what was paid: 1 for one that begins, -1 for one that ends. 0 says that something else has ended. */
  count(change: 1 | 0 | -1): void
  /** Payments of calls in flight: reserved, or sent and not answered, by their ids. */
  readonly payments: Map<string, Payment>
  /** Payments that any client of the ledger handed out and of which nothing was told since, by their ids. */
  readonly handedOut: Map<string, HandedOut>
}

/** Whether a payment may stand in the way of another one of its purchase: it is open, or its key is being paid for or was. */
export function mayStandInTheWay(payment: Payment): boolean {
  return isOpen(payment) || (payment.call.isKeyed && isUnderWay(payment)) || boughtUntilSeconds(payment) !== undefined
}

/**
 * Until when a delivered payment keeps its key from buying again, in seconds since 1970: for as long as its call said, from when it was
 * reserved.
 *
 * @returns `undefined` when it doesn't.
 */
export function boughtUntilSeconds({ call, atSeconds, state, delivery, forgotten }: Payment): number | undefined {
  if (call.purchaseForSeconds === undefined || !call.isKeyed) return undefined
  return delivery === 'delivered' && state !== 'released' && !forgotten
    ? atSeconds + call.purchaseForSeconds
    : undefined
}

/**
 * Whether a payment says who is paid at its origin. What brought nothing, or nothing yet, says that only where a wide client made it: a tool with a
 * restricted one and a fetch of its own could say that a payment was lost, or let it wait, and to whom it went.
 */
export function isPinning({ call, state, delivery }: Pick<Payment, 'call' | 'state' | 'delivery'>): boolean {
  if (call.origin === '' || state === 'released') return false
  const broughtNothing = state !== 'settled' && delivery !== 'delivered'
  return !(broughtNothing && call.tags.some((tag) => isLabel(tag) && !isAddressLabel(tag)))
}

/** Whether a payment will never be presented again, whatever time it is. */
export function isClosed(payment: Standing): boolean {
  return !isOpen(payment) && !isUnderWay(payment)
}

/**
 * When a purchase is over though its payment is open, in seconds since 1970: then it may be bought again. That ends the purchase and not the
 * counting.
 *
 * @param buysOver - See {@link Claimant.buysOver}.
 * @returns `undefined` for never: under a key, for a lost payment of a method that changes something, and without an end.
 */
export function overAtSeconds(payment: Payment, buysOver: boolean): number | undefined {
  const { atSeconds, validUntilSeconds: end, delivery, call } = payment
  const { method, isKeyed } = call
  if (end === undefined || (isKeyed && !buysOver)) return undefined
  if (delivery === 'answered') return Math.max(end + ANSWERED_PAUSE_SECONDS, atSeconds + ANSWERED_LEAST_SECONDS)
  return buysOver || READING.test(method) ? end + LOST_PAUSE_SECONDS : undefined
}

/** Methods that change nothing, of HTTP and of MCP. A tool may change anything. */
const READING = /^(GET|HEAD|resources\/read|prompts\/get)$/

/** Until when an open payment keeps others from buying what it bought, by our own clock, in seconds since 1970: as long as it can be taken, and a minute at least. */
export function aliveUntilSeconds({ atSeconds, validUntilSeconds }: Life): number {
  return Math.max(validUntilSeconds ?? atSeconds + FOREIGN_LIFE_SECONDS, atSeconds + FOREIGN_LEAST_SECONDS)
}

/**
 * Finds the payment that is in the way of a new one: the one rule about who may buy, who may present, and who must wait. Every ledger applies
 * it in the atomic step in which it claims or reserves.
 *
 * @param payments - At least all payments under either of the claimant's two names that may stand in the way ({@link mayStandInTheWay}), the newest last. Others do no harm.
 * @param claimant - Who asks.
 * @returns That payment; `undefined` when nothing is in the way. A payment whose purchase is over isn't.
 */
export function findOpen(payments: Iterable<Payment>, claimant: Claimant): OpenPurchase | undefined {
  const found: OpenPurchase[] = []
  for (const payment of payments) {
    const one = toOpenPurchase(payment, claimant)
    if (one !== undefined) found.push(one)
  }
  if (found.length === 0) return undefined
  // Sorted to the end, a payment under the exact name wins over one that only looks the same, and one that can be presented over one that can't.
  found.sort((one, other) => rankOf(one, claimant) - rankOf(other, claimant))
  const latest = (is: OpenPurchase['is']) => found.findLast((one) => one.is === is)
  return latest('open') ?? latest('claimed') ?? latest('under-way') ?? latest('bought') ?? latest('foreign')
}

/**
 * Decides a claim. When it is `yours`, the ledger writes the payment down as `claimed` in the same atomic step.
 *
 * @param payments - As {@link findOpen} takes them.
 * @param claimant - Who asks.
 * @returns What the ledger's `claim` resolves to, with a payment that is `yours` already marked as claimed.
 */
export function toClaim(payments: Iterable<Payment>, claimant: Claimant): Claim {
  const all = [...payments]
  const open = findOpen(all, claimant)
  if (open === undefined) return { is: 'nothing', over: findOver(all, claimant) }
  if (open.is === 'open') return { is: 'yours', payment: { ...open.payment, claimed: true } }
  return { is: open.is, payment: open.payment }
}

function findOver(payments: Iterable<Payment>, { purchase, ...claimant }: Claimant): Payment[] {
  return [...payments].filter(
    (payment) => payment.call.purchase === purchase && isOpen(payment) && isOver(payment, claimant),
  )
}

function rankOf({ payment }: OpenPurchase, { purchase, nowSeconds }: Claimant): number {
  const { call, validUntilSeconds = Number.POSITIVE_INFINITY } = payment
  return 2 * Number(call.purchase === purchase) + Number(nowSeconds < validUntilSeconds)
}

function isOver(payment: Payment, { nowSeconds, buysOver }: Pick<Claimant, 'nowSeconds' | 'buysOver'>): boolean {
  return nowSeconds >= (overAtSeconds(payment, buysOver) ?? Number.POSITIVE_INFINITY)
}

function toOpenPurchase(payment: Payment, claimant: Claimant): OpenPurchase | undefined {
  const isSame = payment.call.purchase === claimant.purchase
  if (!isSame && !isSameCoarsely(payment, claimant)) return undefined
  const taken = isSame ? readKey(payment, claimant) : undefined
  if (taken !== undefined) return { is: taken, payment }
  if (!isOpen(payment) || isOver(payment, claimant) || claimant.insteadOf?.includes(payment.id)) return undefined
  if (isPayable(payment, claimant) && (isSame || isForNextCredential(payment, claimant))) {
    return { is: payment.claimed ? 'claimed' : 'open', payment }
  }
  // A key names its purchase for good, whoever pays: another account waits until that is over.
  const isInTheWay = (isSame && payment.call.isKeyed) || claimant.nowSeconds < aliveUntilSeconds(payment)
  return isInTheWay ? { is: 'foreign', payment } : undefined
}

/** What a payment says about its key. Without a key, equal calls that run at the same time are separate purchases. */
function readKey(payment: Payment, { isKeyed, nowSeconds }: Claimant): 'bought' | 'under-way' | undefined {
  if (!isKeyed || !payment.call.isKeyed) return undefined
  if (nowSeconds < (boughtUntilSeconds(payment) ?? 0)) return 'bought'
  return isUnderWay(payment) ? 'under-way' : undefined
}

/** A key names its purchase for good, so a keyed purchase is never taken for another buyer's. */
function isSameCoarsely(payment: Payment, { coarse, isKeyed }: Claimant): boolean {
  return !isKeyed && !payment.call.isKeyed && coarse !== undefined && payment.call.coarse === coarse
}

/** A payment without a payer comes from a scheme that doesn't say who pays. Anyone may present it: that is better than paying again. */
function isPayable({ payer }: Payment, { payers }: Claimant): boolean {
  return payer === undefined || payers.some((one) => isSameAddress(one, payer))
}

/**
 * A 401 said that the credential was wrong, so the next credential with the same request is taken for the same buyer's. Once the payment was
 * presented with that one and lost, what it bought belongs to that credential alone.
 */
function isForNextCredential(payment: Payment, { nowSeconds }: Claimant): boolean {
  return payment.delivery === 'answered' && payment.status === 401 && nowSeconds < aliveUntilSeconds(payment)
}

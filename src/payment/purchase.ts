import type { LedgerRecord } from '../flow/ports.js'
import { isSameAddress } from '../wire/address.js'

/** Who asks what is open of a purchase: its names, and what the asker could present. */
export type Claimant = {
  /** The exact name of the purchase. */
  readonly purchase: string
  /**
   * The name without what changes between tries, such as a token or a cookie. A payment that is open under it with another exact name
   * is someone else's, as far as anyone can tell. `undefined` where such payments don't matter.
   */
  readonly coarse: string | undefined
  /** The caller named the purchase by a key. */
  readonly isKeyed: boolean
  /** The accounts that the asker can pay from. */
  readonly payers: readonly string[]
  /** The asker's own clock. */
  readonly nowSeconds: number
  /** Every purchase is over some time after its payment's end, also under a key, and by any method. */
  readonly buysOver: boolean
  /** Payments of the purchase that a person has agreed to pay for again: they don't keep a new one from being made. @default none */
  readonly insteadOf?: readonly string[] | undefined
}

/**
 * What is open of a purchase.
 *
 * - `open`: a payment that the asker could present.
 * - `claimed`: the same, and another call is presenting it right now.
 * - `under-way`: the same key is being paid for.
 * - `foreign`: a payment under another exact name, or from an account that isn't the asker's, that can still be taken.
 */
export type OpenPurchase = {
  readonly is: 'open' | 'claimed' | 'under-way' | 'foreign'
  readonly record: LedgerRecord
}

/**
 * What a `claim` came to: nothing is open (`over` are payments whose purchase is over, and may be bought again), the payment is yours to
 * present, or another call's.
 */
export type Claim =
  | { readonly is: 'nothing'; readonly over: readonly LedgerRecord[] }
  | { readonly is: 'yours'; readonly record: LedgerRecord }
  | (OpenPurchase & { readonly is: 'claimed' | 'under-way' | 'foreign' })

/** How long after its end an answered payment ends its purchase, in seconds: a seller that waits out each payment gets at most one in that time. */
const ANSWERED_PAUSE_SECONDS = 60

/** The shortest time from signing to the end of an answered purchase, in seconds: a poller pays at most once in it. */
const ANSWERED_LEAST_SECONDS = 180

/** How long after its end a lost payment ends its purchase, in seconds. */
const LOST_PAUSE_SECONDS = 600

/** How long a payment of another buyer without an end of its own keeps this one from buying, in seconds. */
const FOREIGN_LIFE_SECONDS = 600

type Life = Pick<LedgerRecord, 'atSeconds' | 'validUntilSeconds'>
type Standing = Pick<LedgerRecord, 'state' | 'delivery'> & { readonly forgotten?: true | undefined }

/** Whether a payment left and brought no delivery, and wasn't given up: the same purchase presents it again. */
export function isOpen({ state, delivery, forgotten }: Standing): boolean {
  const hasLeft = state === 'sent' || state === 'settled'
  return hasLeft && (delivery === 'answered' || delivery === 'lost') && forgotten !== true
}

/** Whether a payment is reserved and not sent yet, or sent and its response is waited for. */
export function isUnderWay({ state, delivery }: Pick<LedgerRecord, 'state' | 'delivery'>): boolean {
  return state === 'reserved' || state === 'signed' || (state !== 'released' && delivery === 'none')
}

/** Whether a payment will never be presented again, whatever time it is. */
export function isClosed(record: Standing): boolean {
  return !isOpen(record) && !isUnderWay(record)
}

/**
 * When a purchase is over though its payment is open, in seconds since 1970: then it may be bought again. That ends the purchase and not the
 * counting.
 *
 * @param buysOver - See {@link Claimant.buysOver}.
 * @returns `undefined` for never: under a key, for a lost payment of a method that changes something, and without an end.
 */
export function overAtSeconds(record: LedgerRecord, buysOver: boolean): number | undefined {
  const { atSeconds, validUntilSeconds: end, delivery, method, isKeyed } = record
  if (end === undefined || (isKeyed && !buysOver)) return undefined
  if (delivery === 'answered') return Math.max(end + ANSWERED_PAUSE_SECONDS, atSeconds + ANSWERED_LEAST_SECONDS)
  return buysOver || method === 'GET' || method === 'HEAD' ? end + LOST_PAUSE_SECONDS : undefined
}

/** Until when a payment can be taken by our own clock, in seconds since 1970. */
export function aliveUntilSeconds({ atSeconds, validUntilSeconds }: Life): number {
  return validUntilSeconds ?? atSeconds + FOREIGN_LIFE_SECONDS
}

/**
 * Finds what is open of a purchase: the one rule of who may buy, present or must wait. Every ledger asks it in the atomic step in which it
 * claims or reserves.
 *
 * @param records - At least all payments under one of the claimant's two names that are open or under way, the newest last. Others do no harm.
 * @param claimant - Who asks.
 * @returns `undefined` when nothing is in the way of a new payment. A payment that is over doesn't.
 */
export function findOpen(records: Iterable<LedgerRecord>, claimant: Claimant): OpenPurchase | undefined {
  const found = [...records].flatMap((record) => judge(record, claimant) ?? [])
  // What has the exact name comes last, and so goes before what only looks alike.
  found.sort((one, other) => Number(isNamed(one, claimant)) - Number(isNamed(other, claimant)))
  const latest = (is: OpenPurchase['is']) => found.findLast((one) => one.is === is)
  return latest('open') ?? latest('claimed') ?? latest('under-way') ?? latest('foreign')
}

/**
 * Says what a claim comes to. Where that is `yours`, the ledger writes the payment down as `claimed` in the same atomic step.
 *
 * @param records - As {@link findOpen} takes them.
 * @param claimant - Who asks.
 * @returns What the ledger's `claim` resolves to, with a payment that is `yours` already marked as claimed.
 */
export function toClaim(records: Iterable<LedgerRecord>, claimant: Claimant): Claim {
  const all = [...records]
  const open = findOpen(all, claimant)
  if (open === undefined) return { is: 'nothing', over: findOver(all, claimant) }
  if (open.is === 'open') return { is: 'yours', record: Object.freeze({ ...open.record, claimed: true }) }
  return { is: open.is, record: open.record }
}

function findOver(records: Iterable<LedgerRecord>, { purchase, ...claimant }: Claimant): LedgerRecord[] {
  return [...records].filter((record) => record.purchase === purchase && isOpen(record) && isOver(record, claimant))
}

function isNamed({ record }: OpenPurchase, { purchase }: Claimant): boolean {
  return record.purchase === purchase
}

function isOver(record: LedgerRecord, { nowSeconds, buysOver }: Pick<Claimant, 'nowSeconds' | 'buysOver'>): boolean {
  return nowSeconds >= (overAtSeconds(record, buysOver) ?? Number.POSITIVE_INFINITY)
}

function judge(record: LedgerRecord, claimant: Claimant): OpenPurchase | undefined {
  const isSame = record.purchase === claimant.purchase
  if (!isSame && !isSameCoarsely(record, claimant)) return undefined
  if (isUnderWay(record)) return isSame && claimant.isKeyed ? { is: 'under-way', record } : undefined
  if (!isOpen(record) || isOver(record, claimant) || claimant.insteadOf?.includes(record.id)) return undefined
  if (isPayable(record, claimant) && (isSame || isForNextCredential(record, claimant))) {
    return { is: record.claimed ? 'claimed' : 'open', record }
  }
  return claimant.nowSeconds < aliveUntilSeconds(record) ? { is: 'foreign', record } : undefined
}

/** A key names its purchase for good, so keyed purchases are nobody else's loss. */
function isSameCoarsely(record: LedgerRecord, { coarse, isKeyed }: Claimant): boolean {
  return !isKeyed && !record.isKeyed && coarse !== undefined && record.coarse === coarse
}

/** A record without a payer comes of a scheme that doesn't say who pays. Anyone may present it: that is better than paying again. */
function isPayable({ payer }: LedgerRecord, { payers }: Claimant): boolean {
  return payer === undefined || payers.some((one) => isSameAddress(one, payer))
}

/**
 * A 401 said that the credential was wrong, so the next one of the same request is the same buyer's. Once it was presented again and lost,
 * what it bought may wait for whoever presents it: that is no other buyer's.
 */
function isForNextCredential(record: LedgerRecord, { nowSeconds }: Claimant): boolean {
  return record.delivery === 'answered' && record.status === 401 && nowSeconds < aliveUntilSeconds(record)
}

import { bytesToHex } from '@noble/hashes/utils.js'
import type { Clock } from '../../payment/clock.js'
import { apply, type PaymentEvent } from '../../payment/event.js'
import type { Cap, Filter, Refusal, Sums, Value } from '../../payment/ledger.js'
import { type Draft, freezePayment, openPayment, type Payment } from '../../payment/payment.js'
import { boughtUntilSeconds, type Claim, type Claimant, findOpen, toClaim } from '../../payment/purchase.js'
import type { RandomBytes } from '../../payment/random.js'
import { freezeCopy, isSameJson } from '../../wire/json.js'
import { createConflict, createUnknownPayment } from '../error.js'
import { CLOCK, countedSeconds, type Fall, type LedgerTime, readFalls, readTime, writeFalls } from './ledger-time.js'
import { createNames } from './names.js'
import { createOpenPayments } from './open-payments.js'
import { createPins } from './pins.js'
import { type Archive, createPlaces, type Entry, isOver, isUnresolved, type Listable, type Payments } from './places.js'
import { findFull, findRuling } from './refusal.js'
import { toPlace } from './window.js'
import { createWindows } from './windows.js'

/**
 * The payments of one ledger, in memory. Nothing in it waits, so each method is one step that nothing can come between. A payment is replaced and
 * never changed; it's frozen when it's listed, since lists go to anyone.
 */
export type Book = {
  /** Checks what could refuse, and writes the payment down; its id begins with `name`, where that is given. */
  reserve(draft: Draft, caps: readonly Cap[], name?: string): Payment | Refusal
  find(id: string): Payment | undefined
  /** Takes note of what happened; returns the payment as it is now. */
  note(id: string, event: PaymentEvent): Payment
  /** Looks what is open of a purchase, and takes it where the claimant could present it. */
  claim(claimant: Claimant): Claim
  /** Newest first. */
  list(filter: Filter): Iterable<Payment>
  /** What counts against a cap now. */
  spent(cap: Cap): Sums
  /** Reads the register. */
  get(kind: string, key: string): Value | undefined
  /** Compares and sets in the register. */
  put(kind: string, key: string, value: Value | undefined, expected: Value | undefined): boolean
  /** Takes a payment as it was written down elsewhere: new ones oldest first, each with its id, or in place of what it was. */
  restore(payment: Payment): void
  /** All payments as they are now, oldest first, also where they are read later. */
  payments(): Payments
  /** Those to which more can happen, oldest first. */
  unfinished(): Iterable<Payment>
  /** What the register holds. */
  register(): Iterable<RegisterEntry>
  /** How many payments there are and were. */
  count(): number
  /** When the newest payment counts from. */
  newestSeconds(): number
  /** When a payment counts from, by how many were reserved before it and when it was reserved. */
  toCountedSeconds(place: number, atSeconds: number): number
  /** Payments that were reserved at this time or later are all there; `undefined` where all are. */
  completeSince(): number | undefined
  /** Whether a payment was here, and isn't anymore. */
  isDropped(id: string): boolean
}

/** One value of the register. */
export type RegisterEntry = { readonly kind: string; readonly key: string; readonly value: Value }

/**
 * Creates a book without payments: what every ledger of one process has in common, wherever it keeps them.
 *
 * A payment's id ends with its place in the book, so that it's found without an index.
 *
 * @param clock - Tells the time. One that is set back frees nothing.
 * @param random - Makes the beginning of the ids, which tells those of this book from all others.
 * @param archive - Takes what is over. Without it everything stays as it is.
 * @param onClock - Told when the register holds something new of the clock, within the step that found it; and the fall, where the clock has fallen.
 */
export function createBook(
  clock: Clock,
  random: RandomBytes,
  archive?: Archive,
  onClock: (fall: Fall | undefined) => void = () => undefined,
): Book {
  const places = createPlaces(archive, forget, isBought)
  const openPayments = createOpenPayments()
  const toCountedSeconds = (place: number, atSeconds: number) =>
    falls.length === 0 ? atSeconds : countedSeconds(falls, place, atSeconds)
  const names = createNames()
  const windows = createWindows(places, toCountedSeconds, names)
  const pins = createPins(places.whole)
  /** Of which the chain may still tell something. */
  const unresolved = new Set<Entry>()
  /** Delivered without a receipt: where what is over is dropped, they go too, once no one can spend them anymore. */
  const unproven = new Set<Entry>()
  const isDropping = archive !== undefined && archive.read === undefined
  const values = new Map<string, RegisterEntry>()
  /** Drawn late, since edge runtimes forbid randomness while a module loads. */
  let prefix: string | undefined
  let falls: readonly Fall[] = []

  const readClock = () =>
    readTime(falls, clock.nowSeconds(), { count: places.count(), atSeconds: places.newestSeconds() })

  /** Reads the clock in a step that writes, and keeps what is new of it. */
  function keepTime(): LedgerTime {
    const time = readClock()
    if (time.change === undefined) return time
    falls = time.falls
    values.set(toName(CLOCK.kind, CLOCK.key), { ...CLOCK, value: freezeCopy(writeFalls(falls)) })
    if (time.change !== 'seen') windows.reset()
    onClock(time.change === 'fall' ? falls[falls.length - 1] : undefined)
    return time
  }

  /** What is new of the clock is kept by the next step that writes; until then sums are as if it were kept now. */
  function readSums(cap: Cap): Sums {
    const { nowSeconds, change, falls: now } = readClock()
    const isKept = change === undefined || change === 'seen'
    const counting = isKept ? windows : createWindows(places, (place, at) => countedSeconds(now, place, at), names)
    return counting.read(cap, nowSeconds)
  }

  function isBought(payment: Payment): boolean {
    const until = boughtUntilSeconds(payment)
    return until !== undefined && clock.nowSeconds() < until
  }

  function forget(entry: Entry): void {
    pins.archive(entry)
    unresolved.delete(entry)
  }

  function endUnproven(nowSeconds: number): void {
    for (const entry of unproven) {
      if ((entry.payment.validUntilSeconds ?? 0) >= nowSeconds) break
      if (isBought(entry.payment)) continue
      unproven.delete(entry)
      places.end(entry)
    }
  }

  function findEntry(id: string): Entry | undefined {
    const entry = places.find(toPlace(id))
    return entry?.payment.id === id ? entry : undefined
  }

  function find(id: string): Payment | undefined {
    const payment = places.read(toPlace(id))
    return payment?.id === id ? payment : undefined
  }

  function index(entry: Entry, formerly?: string): void {
    openPayments.update(entry, formerly)
    if (boughtUntilSeconds(entry.payment) !== undefined && !isBought(entry.payment)) openPayments.remove(entry)
    if (isUnresolved(entry.payment)) unresolved.add(entry)
    else unresolved.delete(entry)
    if (isDropping && isUnproven(entry.payment)) unproven.add(entry)
    else unproven.delete(entry)
  }

  function add(payment: Payment): void {
    const entry = places.add(payment)
    windows.add(entry)
    pins.add(payment)
    // Of one that is over nothing is ever asked by its purchase.
    if (!isOver(payment) || isBought(payment)) index(entry)
  }

  function replace(entry: Entry, after: Payment): void {
    const before = entry.payment
    if (before === after) return
    places.replace(entry, after)
    windows.replace(entry.place, before, after)
    pins.replace(before, after)
    index(entry, before.call.purchase)
  }

  /** One that isn't whole: little happens to it anymore. */
  function replaceArchived(before: Payment, after: Payment): void {
    windows.replace(toPlace(after.id), before, after)
    places.replaceArchived(toPlace(after.id), after)
  }

  const get = (kind: string, key: string) => values.get(toName(kind, key))?.value

  function findRefusal(draft: Draft, caps: readonly Cap[], now: number): Refusal | undefined {
    const ruled = findRuling(get, draft.by)
    if (ruled !== undefined) return ruled
    const { purchase, coarse, isKeyed } = draft.call
    const open = findOpen(openPayments.of(draft.call), { purchase, coarse, isKeyed, ...draft.by })
    if (open !== undefined) return { by: 'open', open }
    const pinned = draft.isPinned ? pins.findOther(draft) : undefined
    if (pinned !== undefined) return { by: 'pin', payTo: pinned }
    return findFull(draft, caps, (cap) => windows.read(cap, now))
  }

  /** Few, in no order that holds: one that settles is taken out and may come back. */
  function* listUnresolved(filter: Filter, from: number): Generator<Payment> {
    const some = [...unresolved].sort((one, other) => other.place - one.place)
    for (const { place, payment } of some) {
      if (place < from && isListed(payment, filter)) yield freezePayment(payment)
    }
  }

  return {
    reserve(draft, caps, name) {
      const { nowSeconds, atSeconds } = keepTime()
      for (const entry of places.release()) openPayments.remove(entry)
      if (unproven.size > 0) endUnproven(nowSeconds)
      const refusal = findRefusal(draft, caps, nowSeconds)
      if (refusal !== undefined) return refusal
      if (name === undefined) prefix ??= bytesToHex(random(8))
      const payment = openPayment(draft, `${name ?? prefix}-${places.count()}`, atSeconds)
      add(payment)
      return payment
    },
    find,
    note(id, event) {
      const entry = findEntry(id)
      const before = entry?.payment ?? find(id)
      if (before === undefined) throw createUnknownPayment(id)
      const after = apply(before, event)
      if ('conflict' in after) throw createConflict(id, after)
      if (entry === undefined) replaceArchived(before, after)
      else replace(entry, after)
      return after
    },
    claim(claimant) {
      const claim = toClaim(openPayments.of(claimant), claimant)
      const entry = claim.is === 'yours' ? findEntry(claim.payment.id) : undefined
      if (entry !== undefined && claim.is === 'yours') entry.payment = claim.payment
      return claim
    },
    *list(filter) {
      const { after } = filter
      const from = after === undefined ? places.count() : toPlace(after)
      if (filter.unresolved) return yield* listUnresolved(filter, from)
      for (const payment of places.before(from, (one) => isWanted(one, filter))) yield freezePayment(payment)
    },
    spent: readSums,
    get,
    put(kind, key, value, expected) {
      const name = toName(kind, key)
      if (!isSameJson(values.get(name)?.value, expected)) return false
      if (kind === CLOCK.kind && key === CLOCK.key) {
        falls = readFalls(value)
        windows.reset()
      }
      if (value === undefined) values.delete(name)
      else values.set(name, { kind, key, value: freezeCopy(value) })
      return true
    },
    restore(payment) {
      const entry = findEntry(payment.id)
      const before = entry?.payment ?? find(payment.id)
      if (entry !== undefined) replace(entry, payment)
      else if (before !== undefined) replaceArchived(before, payment)
      else add(payment)
    },
    payments: places.snapshot,
    unfinished: () => [...places.whole()].map(({ payment }) => payment).filter((payment) => !isOver(payment)),
    register: () => values.values(),
    count: places.count,
    newestSeconds: () => toCountedSeconds(places.count() - 1, places.newestSeconds()),
    toCountedSeconds,
    completeSince: places.completeSince,
    isDropped(id) {
      const place = toPlace(id)
      const wasMade = prefix !== undefined && id === `${prefix}-${place}` && place < places.count()
      return wasMade && places.read(place) === undefined
    },
  }
}

/**
 * Whether `list` shows a payment under a filter; which page it is on, `after` says and not this.
 *
 * @param payment - As it stands.
 * @param filter - What is asked for; `{}` asks for all. Whether a payment is `unresolved` only a whole one tells.
 */
export function isListed(payment: Payment, filter: Filter): boolean {
  return isWanted(payment, filter) && (filter.unresolved !== true || isUnresolved(payment))
}

function isUnproven({ state, delivery, validUntilSeconds }: Payment): boolean {
  return state === 'sent' && delivery === 'delivered' && validUntilSeconds !== undefined
}

function isWanted(payment: Listable, { states, delivery, host, tag, from, to }: Filter): boolean {
  const { call, state, atSeconds } = payment
  return (
    (states === undefined || states.includes(state)) &&
    (delivery === undefined || delivery === payment.delivery) &&
    (host === undefined || host === call.host) &&
    (tag === undefined || call.tags.includes(tag)) &&
    (from === undefined || atSeconds >= from) &&
    (to === undefined || atSeconds < to)
  )
}

function toName(kind: string, key: string): string {
  return `${kind.length}:${kind}${key}`
}

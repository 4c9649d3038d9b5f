import type { Payment } from '../../payment/payment.js'
import { isClosed } from '../../payment/purchase.js'
import { resourceOf, toMark } from './resources.js'
import type { Counted } from './window.js'

/** A payment's place in a ledger: the place stays, the payment in it is replaced. */
export type Entry = { readonly place: number; payment: Payment }

/** What of a payment decides whether it's listed. */
export type Listable = Counted & Pick<Payment, 'delivery'>

/** Where payments go that are over, in a form that takes less room. */
export type Archive = {
  /** How many payments that are over stay whole: the newest. */
  readonly keep: number
  /** Takes a payment in, or takes it in the place of what it was. */
  put(place: number, payment: Payment): void
  /** What counts of a payment that was taken in; `undefined` where nothing of it does. */
  count(place: number): Counted | undefined
  /** The time of a payment that was taken in. */
  atSeconds(place: number): number
  /** The mark of the resource of a payment that was taken in; any number where nothing of it counts. */
  markOf(place: number): number
  /** All of a payment that was taken in, if it's wanted. An archive without this has dropped everything but what counts. */
  read?(place: number, isWanted: (payment: Listable) => boolean): Payment | undefined
}

/** Payments that are told one after the other. */
export type Payments = Iterable<Payment> & { readonly count: number }

/** All payments of a ledger, by their places. */
export type Places = {
  /** How many there are. */
  count(): number
  /** The time of the newest one; 0 before there is any. */
  newestSeconds(): number
  add(payment: Payment): Entry
  /** A payment that is whole. */
  find(place: number): Entry | undefined
  /** A payment, whole or from the archive; `undefined` where it was dropped. */
  read(place: number): Payment | undefined
  /** What counts of a payment, whatever form it's in; `undefined` where nothing does. */
  look(place: number): Counted | undefined
  /** The mark of a payment's resource, whatever form it's in. */
  markOf(place: number): number
  /** Puts a payment in the place of what it was. */
  replace(entry: Entry, after: Payment): void
  /** Puts one that is in the archive in the place of what it was. */
  replaceArchived(place: number, after: Payment): void
  /** The payments before a place that can be told, newest first. */
  before(place: number, isWanted: (payment: Listable) => boolean): Generator<Payment>
  /** Those that are whole, oldest first. */
  whole(): Generator<Entry>
  /**
   * All that can be told, as they are now, oldest first. To one that is in the archive something may have happened once it's read: it's a
   * reading then that knows the same event already.
   */
  snapshot(): Payments
  /** Lets go of those whose key may buy again: from here on they are as others that are over. Returns them. */
  release(): Iterable<Entry>
  /** Takes a payment for over, although the chain may still tell something of it. */
  end(entry: Entry): void
  /** The place of the first payment that counts from a time after this one; `toCountedSeconds` tells when one counts from. */
  firstAfter(seconds: number, toCountedSeconds: (place: number, atSeconds: number) => number): number
  /** Since when every payment can be told; `undefined` where none was dropped. */
  completeSince(): number | undefined
}

/** Places are kept by so many, so that those which hold nothing whole cost nothing. A power of two. */
const CHUNK = 1024

type Chunk = { entries: (Entry | undefined)[]; whole: number }

/**
 * Creates the places of one ledger.
 *
 * @param archive - Takes what is over and isn't among the newest. Without it everything stays whole.
 * @param onArchived - Is told each payment that goes there.
 * @param isBought - Whether a payment keeps its key from buying again now: it stays whole for as long.
 */
export function createPlaces(
  archive: Archive | undefined,
  onArchived: (entry: Entry) => void,
  isBought: (payment: Payment) => boolean,
): Places {
  const chunks: Chunk[] = []
  let count = 0
  let newestSeconds = 0
  /** How many are over and whole. */
  let over = 0
  /** Whatever is over and has an earlier place is in the archive. */
  let floor = 0
  let completeSince: number | undefined
  /** Those that are taken for over. */
  const ended = new Set<Entry>()
  /** Those that are over and keep their key from buying again, by how long they do: few, and those of one time end in their order. */
  const bought = new Map<number | undefined, Set<Entry>>()

  function find(place: number): Entry | undefined {
    return chunks[Math.floor(place / CHUNK)]?.entries[place % CHUNK]
  }

  function isArchived(place: number): boolean {
    return archive !== undefined && place >= 0 && place < count && Number.isInteger(place)
  }

  /** Whether there is nothing to tell of any payment in a chunk. */
  function isAllDropped(place: number): boolean {
    return archive?.read === undefined && chunks[Math.floor(place / CHUNK)]?.whole === 0
  }

  function look(place: number): Counted | undefined {
    const entry = find(place)
    if (entry !== undefined) return entry.payment
    return isArchived(place) ? archive?.count(place) : undefined
  }

  function read(place: number): Payment | undefined {
    const entry = find(place)
    if (entry !== undefined) return entry.payment
    return isArchived(place) ? archive?.read?.(place, () => true) : undefined
  }

  function isDone(entry: Entry): boolean {
    return isOver(entry.payment) || ended.has(entry)
  }

  /** One that is over from now on, and may have to stay as it is for a while. */
  function settle(entry: Entry): void {
    const { purchaseForSeconds } = entry.payment.call
    if (purchaseForSeconds === undefined || !isBought(entry.payment)) conclude(entry)
    else bought.set(purchaseForSeconds, (bought.get(purchaseForSeconds) ?? new Set()).add(entry))
  }

  /** One whose key may buy again. */
  function letGo(entry: Entry): void {
    bought.get(entry.payment.call.purchaseForSeconds)?.delete(entry)
    conclude(entry)
  }

  function isHeld(entry: Entry): boolean {
    return bought.size > 0 && bought.get(entry.payment.call.purchaseForSeconds)?.has(entry) === true
  }

  /** One that is over and needn't be known any longer: it, or the oldest one that is, may have to go. */
  function conclude(entry: Entry): void {
    if (archive === undefined) return
    if (entry.place < floor) {
      archiveOne(entry, archive)
      return
    }
    for (over += 1; over > archive.keep; floor++) {
      const oldest = find(floor)
      if (oldest === undefined || !isDone(oldest) || isHeld(oldest)) continue
      archiveOne(oldest, archive)
      over -= 1
    }
  }

  function archiveOne(entry: Entry, { put, read: isReadable }: Archive): void {
    const { place, payment } = entry
    ended.delete(entry)
    put(place, payment)
    onArchived(entry)
    if (isReadable === undefined) completeSince = Math.max(completeSince ?? 0, payment.atSeconds + 1)
    const chunk = chunks[Math.floor(place / CHUNK)]
    if (chunk === undefined) return
    chunk.entries[place % CHUNK] = undefined
    chunk.whole -= 1
    // The last chunk is still being filled.
    if (chunk.whole === 0 && chunk.entries.length === CHUNK) chunk.entries = []
  }

  function* whole(): Generator<Entry> {
    for (const { entries } of chunks) for (const entry of entries) if (entry !== undefined) yield entry
  }

  function secondsAt(place: number): number {
    return find(place)?.payment.atSeconds ?? archive?.atSeconds(place) ?? 0
  }

  return {
    count: () => count,
    newestSeconds: () => newestSeconds,
    add(payment) {
      const entry = { place: count, payment }
      if (count % CHUNK === 0) chunks.push({ entries: [], whole: 0 })
      const chunk = chunks[chunks.length - 1]
      chunk?.entries.push(entry)
      if (chunk !== undefined) chunk.whole += 1
      count += 1
      newestSeconds = payment.atSeconds
      if (isOver(payment)) settle(entry)
      return entry
    },
    find,
    read,
    look,
    markOf(place) {
      const entry = find(place)
      return entry === undefined ? (archive?.markOf(place) ?? 0) : toMark(resourceOf(entry.payment.call))
    },
    replace(entry, after) {
      const wasOver = isDone(entry)
      entry.payment = after
      if (!wasOver && isOver(after)) settle(entry)
      else if (isHeld(entry) && !isBought(after)) letGo(entry)
    },
    replaceArchived: (place, after) => archive?.put(place, after),
    *before(place, isWanted) {
      for (let next = Math.min(place, count) - 1; next >= 0; next--) {
        const entry = find(next)
        const found = entry === undefined ? archive?.read?.(next, isWanted) : entry.payment
        if (found !== undefined && (entry === undefined || isWanted(found))) yield found
        else if (entry === undefined && isAllDropped(next)) next -= next % CHUNK
      }
    },
    whole,
    snapshot() {
      const end = count
      const payments = new Map<number, Payment>()
      for (const { place, payment } of whole()) payments.set(place, payment)
      return {
        count: end,
        *[Symbol.iterator]() {
          for (let place = 0; place < end; place++) {
            const payment = payments.get(place) ?? read(place)
            if (payment !== undefined) yield payment
          }
        },
      }
    },
    *release() {
      if (bought.size === 0) return
      for (const [seconds, entries] of bought) {
        for (const entry of entries) {
          if (isBought(entry.payment)) break
          letGo(entry)
          yield entry
        }
        if (entries.size === 0) bought.delete(seconds)
      }
    },
    end(entry) {
      if (isDone(entry)) return
      ended.add(entry)
      conclude(entry)
    },
    firstAfter(seconds, toCountedSeconds) {
      let first = 0
      for (let end = count; first < end; ) {
        const middle = Math.floor((first + end) / 2)
        if (toCountedSeconds(middle, secondsAt(middle)) > seconds) end = middle
        else first = middle + 1
      }
      return first
    },
    completeSince: () => completeSince,
  }
}

/**
 * Whether nothing but reading can follow: the payment is closed, and the chain has nothing more to tell of it. A key names its purchase only
 * while that is open or under way, so a keyed one needn't be remembered any longer, unless its call said for how long it doesn't buy again.
 */
export function isOver(payment: Payment): boolean {
  return isClosed(payment) && !isUnresolved(payment)
}

/**
 * Whether the chain may still tell something of a payment: it is in doubt, or it was settled and may have taken less than was signed, which
 * `exact` never does. A receipt says what was taken, too, but that is the seller's word.
 */
export function isUnresolved({ state, terms, charged }: Payment): boolean {
  return state === 'sent' || (state === 'settled' && terms.scheme !== 'exact' && charged === undefined)
}

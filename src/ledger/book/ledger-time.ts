import type { Value } from '../../payment/ledger.js'
import type { Payment } from '../../payment/payment.js'

/** The place in the register where a ledger keeps how its clock went back by far. */
export const CLOCK = { kind: 'clock', key: 'falls' } as const

/**
 * One time that the clock was found far behind the newest payment: it had been ahead and was put right, or it was set back. Both look alike.
 */
export type Fall = {
  /** How many payments there were: those that it's about. */
  readonly place: number
  /** When the newest of them counted from. */
  readonly fromSeconds: number
  /** What the clock said when it was noticed. */
  readonly toSeconds: number
  /** What the clock said at some later step, so that the time until then has gone by. */
  readonly seenSeconds: number
  /** How many payments there were when the clock was found to be right again, in one step; `undefined` as long as it wasn't. */
  readonly untilPlace: number | undefined
}

/** The time of a ledger's step. */
export type LedgerTime = {
  /** What the clock says: payments age by it. */
  readonly nowSeconds: number
  /** When a payment counts from that is reserved now: never before the one that was reserved last. */
  readonly atSeconds: number
  /** All falls, oldest first; the same list as before where nothing is new. */
  readonly falls: readonly Fall[]
  /** What is new: that the clock has fallen, that it is right again, or only how far it has come since. */
  readonly change: 'fall' | 'rise' | 'seen' | undefined
}

/**
 * How far ahead of the clock the newest payment may be and still be waited for, in seconds: three hours. Local time jumps by at most two
 * (Antarctica/Troll, IANA time zone database), and clocks that are kept are closer: ntpd gives up at 1,000 s (RFC 5905, appendix A.1.1, `PANICT`).
 */
export const FAR_SECONDS = 3 * 3600

/** How often it is kept what the clock says while it isn't found to be right again, in seconds. */
const SEEN_SECONDS = 600

/** Most falls that are kept. A clock that falls more often than that isn't followed any more: then its newest payment is waited for. */
const MAX_FALLS = 100

/**
 * Reads the time of one step of a ledger that keeps its payments as rows. `reserve` writes `value` back into the register, in the same atomic step
 * and whether it reserves or not; what only reads doesn't have to.
 *
 * @param value - What the register holds under {@link CLOCK}.
 * @param clockSeconds - What the clock says, in whole seconds since 1970.
 * @param payments - All payments of the ledger, oldest first.
 * @returns The time; what the register holds from now on; and the payments with the times that they count from, for `countAgainst`.
 */
export function tellTime(
  value: Value | undefined,
  clockSeconds: number,
  payments: readonly Payment[],
): Omit<LedgerTime, 'falls'> & { readonly value: Value | undefined; readonly counted: readonly Payment[] } {
  const before = readFalls(value)
  const newest = { count: payments.length, atSeconds: payments[payments.length - 1]?.atSeconds ?? 0 }
  const { falls, ...time } = readTime(before, clockSeconds, newest)
  const toCounted = (payment: Payment, place: number): Payment => ({
    ...payment,
    atSeconds: countedSeconds(falls, place, payment.atSeconds),
  })
  const counted = falls.length === 0 ? payments : payments.map(toCounted)
  return { ...time, value: time.change === undefined ? value : writeFalls(falls), counted }
}

/**
 * Reads the time of one step of a ledger. Nothing that is done to the clock frees what it wouldn't have freed by going on.
 *
 * A payment ages while the clock goes forward, and never by the clock's being behind. One that was reserved by a clock that was far ahead counts from
 * when the clock was found behind it. If the clock is then set forward in one step until that one isn't far ahead any more, it had only been set back for a while:
 * all payments before count by their own time again, and those since as if the clock hadn't been set back.
 *
 * @param falls - Those so far, as {@link readFalls} read them.
 * @param clockSeconds - What the clock says.
 * @param newest - How many payments there are, and when the last of them was reserved.
 */
export function readTime(
  falls: readonly Fall[],
  clockSeconds: number,
  newest: { readonly count: number; readonly atSeconds: number },
): LedgerTime {
  const newestIn = (some: readonly Fall[]) => countedSeconds(some, newest.count - 1, newest.atSeconds)
  let list = falls
  let change: LedgerTime['change']
  let newestSeconds = newest.atSeconds
  let top = findOpen(list)
  let lastSeconds = top === undefined ? 0 : Math.max(newestIn(list), top.seenSeconds)
  while (top !== undefined && clockSeconds - lastSeconds >= top.fromSeconds - top.toSeconds - FAR_SECONDS) {
    lastSeconds += top.fromSeconds - top.toSeconds
    list = rise(list, top, newest.count)
    change = 'rise'
    top = findOpen(list)
  }
  if (top !== undefined && clockSeconds - lastSeconds >= SEEN_SECONDS) {
    list = put(list, top, { ...top, seenSeconds: clockSeconds })
    change ??= 'seen'
  }
  if (list.length > 0) newestSeconds = newestIn(list)
  if (newest.count > 0 && newestSeconds - clockSeconds > FAR_SECONDS && list.length < MAX_FALLS) {
    const seconds = { fromSeconds: newestSeconds, toSeconds: clockSeconds, seenSeconds: clockSeconds }
    list = [...list, { place: newest.count, ...seconds, untilPlace: undefined }]
    newestSeconds = clockSeconds
    change = 'fall'
  }
  return { nowSeconds: clockSeconds, atSeconds: Math.max(clockSeconds, newestSeconds), falls: list, change }
}

/**
 * When a payment counts from, in seconds since 1970. In the order in which they were reserved, none counts from an earlier time than the one before it.
 *
 * @param falls - Those of its ledger.
 * @param place - How many payments were reserved before it.
 * @param atSeconds - When it was reserved.
 */
export function countedSeconds(falls: readonly Fall[], place: number, atSeconds: number): number {
  let seconds = atSeconds
  for (const fall of falls) {
    const { fromSeconds, toSeconds, untilPlace } = fall
    if (untilPlace === undefined) {
      if (place < fall.place) seconds = Math.min(seconds, toSeconds)
    } else if (place >= fall.place && place < untilPlace) seconds += fromSeconds - toSeconds
  }
  return seconds
}

/** The latest fall after which the clock wasn't found to be right again. */
function findOpen(falls: readonly Fall[]): Fall | undefined {
  return falls.findLast(({ untilPlace }) => untilPlace === undefined)
}

/** A fall in which nothing was reserved leaves no trace. */
function rise(falls: readonly Fall[], fall: Fall, count: number): readonly Fall[] {
  if (fall.place === count) return falls.filter((one) => one !== fall)
  return put(falls, fall, { ...fall, untilPlace: count })
}

function put(falls: readonly Fall[], before: Fall, after: Fall): readonly Fall[] {
  return falls.map((one) => (one === before ? after : one))
}

/** Reads what the register holds under {@link CLOCK}; what isn't a fall is left out. */
export function readFalls(value: Value | undefined): readonly Fall[] {
  return Array.isArray(value) ? value.flatMap(readFall) : NO_FALLS
}

/** Writes falls as a value of the register. */
export function writeFalls(falls: readonly Fall[]): Value {
  return falls.map((one) => [one.place, one.fromSeconds, one.toSeconds, one.seenSeconds, one.untilPlace ?? null])
}

const NO_FALLS: readonly Fall[] = /* @__PURE__ */ Object.freeze([])

function readFall(value: Value): Fall[] {
  if (!Array.isArray(value)) return []
  const [place, fromSeconds, toSeconds, seenSeconds, until]: readonly unknown[] = value
  const isNumbered = typeof place === 'number' && typeof seenSeconds === 'number'
  if (!isNumbered || typeof fromSeconds !== 'number' || typeof toSeconds !== 'number') return []
  const untilPlace = typeof until === 'number' ? until : undefined
  return [{ place, fromSeconds, toSeconds, seenSeconds, untilPlace }]
}

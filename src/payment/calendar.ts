import type { Cap } from './ledger.js'

/** How far back payments count. */
export type Stretch = Pick<Cap, 'windowSeconds' | 'monthIn'>

/** A calendar month: its first second, and the first one after it, since 1970. */
export type Month = { readonly startSeconds: number; readonly endSeconds: number }

/**
 * Finds how far back a cap counts: payments that were reserved at this time or before no longer count.
 *
 * @example
 * ```ts
 * horizonOf({ windowSeconds: 3600 }, 1_700_000_000) //=> 1_699_996_400
 * ```
 *
 * @param stretch - Of the cap.
 * @param nowSeconds - What the ledger's clock says, in whole seconds since 1970.
 * @returns In seconds since 1970; minus infinity where all payments count.
 */
export function horizonOf({ windowSeconds, monthIn }: Stretch, nowSeconds: number): number {
  if (monthIn !== undefined) return monthOf(nowSeconds, monthIn).startSeconds - 1
  return nowSeconds - (windowSeconds ?? Number.POSITIVE_INFINITY)
}

/**
 * Finds the calendar month that a time is in. Each second is in exactly one month: it begins when its first day does by the zone's clocks, or
 * where they skip that, and ends where the next one begins.
 *
 * @example
 * ```ts
 * const { startSeconds } = monthOf(Date.parse('2026-03-31T21:59:59Z') / 1000, 'Europe/Paris')
 * new Date(startSeconds * 1000).toISOString() //=> '2026-02-28T23:00:00.000Z'
 * ```
 *
 * @param seconds - Since 1970.
 * @param timeZone - One that {@link isTimeZone} knows.
 * @returns Its first second, and that of the next one.
 * @throws RangeError for any other zone, as the platform does. Limits refuse one when they are read.
 */
export function monthOf(seconds: number, timeZone: string): Month {
  const zone = zones.get(timeZone) ?? createZone(timeZone)
  zones.set(timeZone, zone)
  return zone(seconds)
}

/**
 * Whether a text names an IANA time zone that this runtime knows. Offsets, such as `+02:00`, don't count: only some runtimes know them, and none
 * of them has summer time.
 */
export function isTimeZone(name: unknown): name is string {
  if (typeof name !== 'string' || !/^[A-Za-z]/.test(name)) return false
  try {
    return createFormat(name) !== undefined
  } catch {
    return false // what Intl says of a zone that it doesn't know
  }
}

/** By name. As many as limits ever named. */
const zones = /* @__PURE__ */ new Map<string, (seconds: number) => Month>()

/** No zone's clocks were ever further from UTC than this (IANA time zone database: 15 h 57 min, Asia/Manila before 1845). */
const MAX_OFFSET_SECONDS = 16 * 3600

/** Most months of a zone whose beginnings are remembered: a ledger asks for this one and those next to it. */
const MAX_STARTS = 24

/** Creates what finds the months of a zone. To find where one begins takes some twenty looks at its clocks, so that is remembered. */
function createZone(timeZone: string): (seconds: number) => Month {
  const format = createFormat(timeZone)
  const starts = new Map<number, number>()
  /** Months since the year 1900, which is what `Date.UTC` takes for year 0. */
  const toNumber = (seconds: number): number => {
    const [year = 0, month = 0] = format
      .formatToParts(seconds * 1000)
      .flatMap(({ type, value }) => (type === 'literal' ? [] : Number(value)))
      .reverse()
    return (year - 1900) * 12 + month - 1
  }
  const startOf = (number: number): number => {
    const start = starts.get(number) ?? findStart(number)
    if (starts.size >= MAX_STARTS) starts.clear()
    starts.set(number, start)
    return start
  }
  /** The first second of a month, between the last one that can't be in it anywhere and the first that must be in it or after it. */
  const findStart = (number: number): number => {
    const utcSeconds = Date.UTC(0, number) / 1000
    let before = utcSeconds - MAX_OFFSET_SECONDS
    let first = utcSeconds + MAX_OFFSET_SECONDS
    while (first - before > 1) {
      const middle = Math.floor((before + first) / 2)
      if (toNumber(middle) < number) before = middle
      else first = middle
    }
    return first
  }
  let last: Month = { startSeconds: 0, endSeconds: 0 }
  return (seconds) => {
    if (seconds >= last.startSeconds && seconds < last.endSeconds) return last
    // Clocks that are set back on the first of a month show the last of the month before once more.
    let number = toNumber(seconds) - 1
    let endSeconds = startOf(number)
    let startSeconds = endSeconds
    while (endSeconds <= seconds) {
      startSeconds = endSeconds
      number += 1
      endSeconds = startOf(number)
    }
    last = { startSeconds, endSeconds }
    return last
  }
}

/** It writes the month before the year. */
function createFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', { timeZone, year: 'numeric', month: 'numeric' })
}

import type { LedgerRecord, Unit } from '../../flow/ports.js'
import type { OpenPurchase } from '../../payment/purchase.js'
import { amountIn } from './charges.js'

/** A payment's place in a ledger: the place stays, the record in it is replaced. */
export type Entry = {
  record: LedgerRecord
  /** The record as it is now, where making it is put off until it's needed. */
  copy?(): Copied
}

/** A payment as it was when it was copied. */
export type Copied = LedgerRecord | { readonly original: LedgerRecord }

/** What counts against a cap. */
export type Sums = {
  /** Isn't known to be spent yet. */
  held: bigint
  spent: bigint
  /** How many payments that are. */
  count: number
  /** Of a cap on one purchase, what is open of it. */
  open?: OpenPurchase | undefined
}

/** The running sum of the payments in one unit, one scope and one stretch of time. */
export type Window = {
  /** Takes in a payment that is newer than all before it. */
  push(entry: Entry): void
  /** Counts a payment as `after` instead of as `before`, unless it has aged out. */
  replace(before: LedgerRecord, after: LedgerRecord): void
  /** Lets payments age out until `nowSeconds`, which never goes back, and returns what is left. */
  read(nowSeconds: number): Sums
}

/** Aged entries that may stay in front of a queue before it is copied. */
const MAX_PASSED = 1024

/**
 * Creates an empty window. A payment counts while less than `seconds` have gone by since it was reserved.
 *
 * @param unit - What is summed.
 * @param seconds - How far back it reaches; `undefined` means for ever, and then it remembers no payment, only the sum.
 * @param nowSeconds - Payments that have aged out by then are never counted.
 */
export function createWindow(unit: Unit, seconds: number | undefined, nowSeconds: number): Window {
  const sums: Sums = { held: 0n, spent: 0n, count: 0 }
  const queue: Entry[] = []
  let head = 0
  let horizonSeconds = toHorizonSeconds(seconds, nowSeconds)

  function count(record: LedgerRecord, sign: 1n | -1n): void {
    const amount = amountIn(unit, record)
    if (amount === undefined || record.state === 'released') return
    sums[record.state === 'settled' ? 'spent' : 'held'] += sign * amount
    sums.count += Number(sign)
  }

  return {
    push(entry) {
      if (entry.record.atSeconds <= horizonSeconds || amountIn(unit, entry.record) === undefined) return
      count(entry.record, 1n)
      if (seconds !== undefined) queue.push(entry)
    },
    replace(before, after) {
      if (before.atSeconds <= horizonSeconds) return
      count(before, -1n)
      count(after, 1n)
    },
    read(now) {
      horizonSeconds = toHorizonSeconds(seconds, now)
      for (let first = queue[head]; first && first.record.atSeconds <= horizonSeconds; first = queue[head]) {
        count(first.record, -1n)
        head += 1
      }
      // Only when half has passed, so that copying costs each payment at most one step.
      if (head > MAX_PASSED && head * 2 > queue.length) head -= queue.splice(0, head).length
      return { ...sums }
    },
  }
}

/** Payments reserved at this time or before have aged out of a window. */
export function toHorizonSeconds(seconds: number | undefined, nowSeconds: number): number {
  return nowSeconds - (seconds ?? Number.POSITIVE_INFINITY)
}

import { horizonOf, type Stretch } from '../../payment/calendar.js'
import type { Scope, Sums } from '../../payment/ledger.js'
import { amountIn, type CallFacts, type Draft, type Payment, type Unit } from '../../payment/payment.js'
import type { Terms } from '../../payment/terms.js'
import { toAddressKey } from '../../wire/address.js'
import { resourceOf } from './resources.js'

/** What of a payment is counted, and by what it's found: it outlives the rest of a payment that isn't kept. */
export type Counted = Pick<Payment, 'atSeconds' | 'state' | 'charges'> & {
  readonly call: Pick<CallFacts, 'host' | 'tags'> & Partial<Pick<CallFacts, 'resource' | 'asked'>>
  readonly terms: Pick<Terms, 'payTo'>
}

/** The running sum of the payments in one unit, one scope and one stretch of time. */
export type Window = {
  /** Takes in a payment that counts from no earlier time than all before it. */
  push(place: number, payment: Counted): void
  /** Counts a payment as `after` instead of as `before`, unless it has aged out. */
  replace(place: number, before: Counted, after: Counted): void
  /**
   * Lets payments age out until `nowSeconds`, and returns what is left. Where the clock went back, those that had aged out by a little come back.
   *
   * @returns `undefined` where it went back so far that the window must be built anew.
   */
  read(nowSeconds: number): Sums | undefined
}

/** Aged payments that may stay in front of a queue before it is copied. */
const MAX_PASSED = 1024

/**
 * Creates an empty window. A payment counts while less than its seconds have gone by since it was reserved, or until the month is over.
 *
 * @param unit - What is summed.
 * @param stretch - How far back it reaches; where that is for ever, it remembers no payment, only the sum.
 * @param nowSeconds - Payments that have aged out by then are never counted.
 * @param look - What is in a place now. A window remembers places alone, so that it keeps no payment alive.
 * @param from - When a payment counts from that is in a place.
 */
export function createWindow(
  unit: Unit,
  stretch: Stretch,
  nowSeconds: number,
  look: (place: number) => Counted | undefined,
  from: (place: number, payment: Counted) => number = (_, { atSeconds }) => atSeconds,
): Window {
  const sums = { held: 0n, spent: 0n, count: 0 }
  const queue: number[] = []
  let head = 0
  let horizonSeconds = horizonOf(stretch, nowSeconds)
  /** What is known of payments that count from before this is lost. */
  let lostSeconds = horizonSeconds

  function count(payment: Counted, sign: 1 | -1): void {
    const amount = amountIn(unit, payment)
    if (amount === undefined || payment.state === 'released') return
    sums[payment.state === 'settled' ? 'spent' : 'held'] += sign === 1 ? amount : -amount
    sums.count += sign
  }

  /** Whether the first of the queue has aged out; then it counts no more. */
  function passFirst(): boolean {
    const place = queue[head]
    if (place === undefined) return false
    const payment = look(place)
    if (payment !== undefined) {
      if (from(place, payment) > horizonSeconds) return false
      count(payment, -1)
    }
    head += 1
    return true
  }

  /** Whether the last one that aged out counts after all; then it's the first of the queue again. */
  function takeBack(): boolean {
    const place = queue[head - 1]
    const payment = place === undefined ? undefined : look(place)
    if (place === undefined || (payment !== undefined && from(place, payment) <= horizonSeconds)) return false
    if (payment !== undefined) count(payment, 1)
    head -= 1
    return true
  }

  /** Forgets those that aged out. Only when half has passed, so that copying costs each payment at most one step. */
  function forgetPassed(): void {
    if (head <= MAX_PASSED || head * 2 <= queue.length) return
    queue.splice(0, head)
    head = 0
    lostSeconds = horizonSeconds
  }

  return {
    push(place, payment) {
      if (amountIn(unit, payment) === undefined) return
      const fromSeconds = from(place, payment)
      if (fromSeconds <= horizonSeconds) {
        lostSeconds = Math.max(lostSeconds, fromSeconds)
        return
      }
      count(payment, 1)
      if (horizonSeconds > Number.NEGATIVE_INFINITY) queue.push(place)
    },
    replace(place, before, after) {
      if (from(place, before) <= horizonSeconds) return
      count(before, -1)
      count(after, 1)
    },
    read(now) {
      const before = horizonSeconds
      horizonSeconds = horizonOf(stretch, now)
      if (horizonSeconds < lostSeconds) return undefined
      if (horizonSeconds < before) while (takeBack());
      while (passFirst());
      forgetPassed()
      return { ...sums }
    },
  }
}

/** Whether a payment is among those that a scope names, leaving aside the resource. */
export function isInScope({ call, terms }: Pick<Counted, 'call' | 'terms'>, { host, payTo, tag }: Scope): boolean {
  return (
    (host === undefined || host === call.host) &&
    (payTo === undefined || toAddressKey(payTo) === toAddressKey(terms.payTo)) &&
    (tag === undefined || call.tags.includes(tag))
  )
}

/** As {@link isInScope}, with the resource, for payments that are whole. */
export function isWhollyInScope(payment: Pick<Draft, 'call' | 'terms'>, scope: Scope): boolean {
  return isInScope(payment, scope) && (scope.resource === undefined || scope.resource === resourceOf(payment.call))
}

/** A payment's place in its book, with which its id ends; anything else for an id that no book made. */
export function toPlace(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

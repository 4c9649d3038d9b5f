import {
  type Cap,
  FREEZE,
  isUnderOtherLimits,
  LIMITS,
  type Refusal,
  type Sums,
  type Value,
} from '../../payment/ledger.js'
import { amountIn, type Draft, isOver, type Payment } from '../../payment/payment.js'
import { type Asker, findOpen } from '../../payment/purchase.js'
import { createPins } from './pins.js'
import { createWindow, isWhollyInScope } from './window.js'

/**
 * Finds the first cap that refuses a new payment.
 *
 * A payment that a cap doesn't count, since it costs nothing in the cap's unit or isn't in its scope, is never refused by it.
 *
 * @param draft - What is to be paid.
 * @param caps - All caps that hold for it.
 * @param countAgainst - Tells what counts against a cap already; asked only about caps that count the payment. What it reads must not
 *   change until the payment is written down.
 * @returns What `reserve` resolves to, or `undefined` when every cap has room for the payment.
 */
export function findFull(
  draft: Draft,
  caps: readonly Cap[],
  countAgainst: (cap: Cap) => Sums,
): Extract<Refusal, { by: 'cap' }> | undefined {
  for (const cap of caps) {
    const amount = isWhollyInScope(draft, cap.scope) ? amountIn(cap.unit, draft) : undefined
    if (amount === undefined) continue
    const sums = countAgainst(cap)
    if (isOver(cap, amount, sums)) return { by: 'cap', cap, held: sums.held, spent: sums.spent }
  }
  return undefined
}

/**
 * Counts what payments count against a cap, by looking at each of them.
 *
 * It's meant for ledgers that keep their payments elsewhere and read those that a cap may count. The ledgers of this package keep running
 * sums instead.
 *
 * @param cap - The cap.
 * @param payments - Every payment that the cap may count, in any order, with the time that it counts from; others among them do no harm.
 * @param nowSeconds - What the clock says; `tellTime` tells both.
 * @returns What is held, what is spent, and how many payments that are.
 */
export function countAgainst(cap: Cap, payments: Iterable<Payment>, nowSeconds: number): Sums {
  // Nothing ages out while it's read once.
  const window = createWindow(cap.unit, cap, nowSeconds, () => undefined)
  for (const payment of payments) if (isWhollyInScope(payment, cap.scope)) window.push(0, payment)
  return window.read(nowSeconds) ?? NOTHING
}

/** Of a window that was just made, the clock can't have gone back. */
const NOTHING: Sums = { held: 0n, spent: 0n, count: 0 }

/**
 * Finds what the register says against a new payment: that all is frozen, or that it was judged by other limits.
 *
 * @param get - Reads the register.
 * @param by - Who asks to buy, of the draft.
 */
export function findRuling(
  get: (kind: string, key: string) => Value | undefined,
  by: Asker,
): Extract<Refusal, { by: 'frozen' | 'limits' }> | undefined {
  const frozen = get(FREEZE.kind, FREEZE.key)
  if (frozen !== undefined) return { by: 'frozen', value: frozen }
  const limits = get(LIMITS.kind, LIMITS.key)
  return isUnderOtherLimits(limits, by) ? { by: 'limits', value: limits } : undefined
}

/**
 * Finds what refuses a new payment, by looking at each payment: all that `reserve` must ask, in its order.
 *
 * It's meant for ledgers that keep their payments elsewhere, as {@link countAgainst} is.
 *
 * @param draft - What is to be paid.
 * @param caps - All caps that hold for it.
 * @param payments - The payments of the ledger, oldest first.
 * @param get - Reads the register.
 * @param time - What `tellTime` tells; what the clock says alone where each payment counts from when it was reserved.
 * @returns What `reserve` resolves to, or `undefined` when the payment may be written down, in the same atomic step.
 */
export function findRefusal(
  draft: Draft,
  caps: readonly Cap[],
  payments: readonly Payment[],
  get: (kind: string, key: string) => Value | undefined,
  time: number | { readonly nowSeconds: number; readonly counted: readonly Payment[] },
): Refusal | undefined {
  const ruled = findRuling(get, draft.by)
  if (ruled !== undefined) return ruled
  const open = findOpen(payments, { ...draft.call, ...draft.by })
  if (open !== undefined) return { by: 'open', open }
  const pins = createPins(() => [])
  for (const payment of payments) pins.add(payment)
  const payTo = draft.isPinned ? pins.findOther(draft) : undefined
  if (payTo !== undefined) return { by: 'pin', payTo }
  const { nowSeconds, counted } = typeof time === 'number' ? { nowSeconds: time, counted: payments } : time
  return findFull(draft, caps, (cap) => countAgainst(cap, counted, nowSeconds))
}

import { invalidOption } from '../errors/options.js'
import { readMoneyText } from '../limits/money.js'
import { formatCharge } from '../limits/units.js'
import type { Charge } from '../payment/payment.js'
import { type PaymentSummary, paymentOf } from '../payment/summary.js'
import type { ShownTerms } from '../payment/terms.js'

/** What a matcher tells its runner. */
type Result = { readonly pass: boolean; readonly message: () => string }

/** Matchers of {@link paymentMatchers}, as they are called; wait for each. */
export type PaymentMatchers<R = Promise<void>> = {
  /**
   * That a client paid exactly this in all, or that a response cost exactly this: `'$0.01'`, or `'0.01 USDC'`. What left counts, whether it is
   * settled or in doubt; of an amount up to a maximum what was signed counts.
   *
   * @example `await expect(client).toHavePaid('$0.01')`
   */
  toHavePaid(amount: string): R
  /**
   * That a client paid for nothing, or that a response cost nothing: no payment left.
   *
   * @example `await expect(client).toHaveSpentNothing()`
   */
  toHaveSpentNothing(): R
}

declare global {
  // vitest and @types/jest both read this name, so neither has to be installed for the other.
  namespace jest {
    // biome-ignore lint/complexity/noBannedTypes: every declaration of an interface has the same type parameters
    interface Matchers<R, T = {}> extends PaymentMatchers<Promise<void>> {}
  }
}

/**
 * Matchers for the `expect` of vitest and of Jest.
 *
 * @example
 * ```ts
 * import { expect } from 'vitest'
 *
 * expect.extend(paymentMatchers)
 * await expect(new x402Client()).toHaveSpentNothing()
 * ```
 */
export const paymentMatchers = {
  async toHavePaid(received: unknown, amount: unknown): Promise<Result> {
    if (typeof amount !== 'string') throw invalidOption('toHavePaid', "an amount, such as '$0.01'")
    const expected = readMoneyText(amount, 'toHavePaid')
    const paid = await readPaid(received)
    const { sum, unpriced } = addUp(paid, expected)
    const pass = unpriced.length === 0 && sum === expected.amount
    const found = paid.length === 0 ? 'nothing' : formatCharge({ ...expected, amount: sum })
    const lines = [
      `Expected ${pass ? 'another amount' : formatCharge(expected)} to have been paid, and it was ${found}.`,
    ]
    if (unpriced.length > 0)
      lines.push(`Not known in that unit: ${unpriced.map(({ terms }) => toPrice(terms)).join(', ')}.`)
    return { pass, message: () => [...lines, ...paid.map(toLine)].join('\n') }
  },
  async toHaveSpentNothing(received: unknown): Promise<Result> {
    const paid = await readPaid(received)
    const pass = paid.length === 0
    const line = pass ? 'Expected a payment, and none left.' : `Expected no payment, and ${paid.length} left:`
    return { pass, message: () => [line, ...paid.map(toLine)].join('\n') }
  },
}

/** A payment that left. */
type Paid = { readonly terms: ShownTerms; readonly money: string; readonly resource: string }

async function readPaid(received: unknown): Promise<readonly Paid[]> {
  if (isClient(received)) {
    const entries = await received.payments({ limit: Number.MAX_SAFE_INTEGER })
    return entries.filter(hasLeft).map((entry) => ({ terms: entry, money: entry.money, resource: entry.resource }))
  }
  if (typeof received !== 'object' || received === null || !('status' in received)) {
    throw invalidOption('expect', 'given a client of pay402, or a response of one of its wrappers')
  }
  const payment: PaymentSummary | undefined = paymentOf(received)
  if (payment?.terms === undefined || !hasLeft(payment)) return []
  return [{ terms: payment.terms, money: payment.money, resource: payment.terms.resource }]
}

type Entry = ShownTerms & { readonly money: string; readonly resource: string }
type Client = { payments(filter: { limit: number }): Promise<readonly Entry[]> }

function isClient(received: unknown): received is Client {
  return typeof received === 'object' && received !== null && typeof Reflect.get(received, 'payments') === 'function'
}

function hasLeft({ money }: { readonly money: string }): boolean {
  return money === 'in-doubt' || money === 'settled'
}

/** Adds up what is known in the unit that is asked for, dollars or a symbol. */
function addUp(paid: readonly Paid[], { unit }: Charge): { sum: bigint; unpriced: readonly Paid[] } {
  const amounts = paid.map(({ terms }) => (unit === 'usd' ? terms.dollars : terms.price))
  const read = amounts.map((text) => (text === undefined ? undefined : readMoneyText(text, 'paid')))
  return {
    sum: read.reduce((sum, charge) => (charge?.unit === unit ? sum + charge.amount : sum), 0n),
    unpriced: paid.filter((_, place) => read[place]?.unit !== unit),
  }
}

function toPrice({ price, amount, asset }: ShownTerms): string {
  return price ?? `${amount} units of ${asset}`
}

function toLine({ terms, money, resource }: Paid): string {
  return `  ${toPrice(terms)} for ${resource} (${money})`
}

import type { Charge, Unit } from '../payment/payment.js'
import { readMoney } from './money.js'

/** What one option allows. */
export type Limit = {
  /** The option, such as `limits.perDay`. */
  readonly where: string
  /** Most of each unit that the option names. */
  readonly allows: readonly Charge[]
  /** Whether it refuses what it doesn't name. Dollars don't: other limits may price what isn't pegged. */
  readonly isClosed: boolean
}

/**
 * Reads a limit on money that holds for all assets.
 *
 * @param input - Untrusted.
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readLimit(input: unknown, where: string): Limit {
  const allows = readMoney(input, where)
  return { where, allows, isClosed: allows[0]?.unit !== 'usd' }
}

/** Whether a limit names a unit that the payment is charged in, so that it can be held against it. */
export function prices({ allows }: Limit, charges: readonly Charge[]): boolean {
  return allows.some(({ unit }) => isCharged(unit, charges))
}

/** The amount of a limit that one payment exceeds; `undefined` when it exceeds none. */
export function findExceeded({ allows }: Limit, charges: readonly Charge[]): Charge | undefined {
  return allows.find(({ unit, amount }) => charges.some((charge) => charge.unit === unit && charge.amount > amount))
}

/** Whether the payment adds to what is counted in this unit. */
export function isCharged(unit: Unit, charges: readonly Charge[]): boolean {
  return charges.some((charge) => charge.unit === unit)
}

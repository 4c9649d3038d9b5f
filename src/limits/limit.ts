import type { Charge } from '../flow/ports.js'
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

import type { Charge } from '../flow/ports.js'
import { readMoney } from './money.js'

/** The money that one option allows, in each unit that it names. */
export type Limit = {
  /** The option, such as `limits.perDay`. */
  readonly where: string
  readonly allows: readonly Charge[]
  /** Whether it refuses what it doesn't name. Dollars don't: other limits may price what isn't pegged. */
  readonly isClosed: boolean
}

/**
 * Reads a limit on money that holds for all assets.
 *
 * @param where - What it is called in the options, such as `limits.perDay`.
 * @param input - Untrusted.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readLimit(where: string, input: unknown): Limit {
  const allows = readMoney(input, where)
  return { where, allows, isClosed: allows[0]?.unit !== 'usd' }
}

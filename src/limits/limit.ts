import type { Cap, Charge } from '../flow/ports.js'
import { readMoney } from './money.js'

/** What one option allows, in each unit that it names. */
export type Limit<Allowed extends Charge = Charge> = {
  /** The option, without `limits.`; errors name it. */
  readonly name: string
  readonly allows: readonly Allowed[]
  /** Whether it refuses what it doesn't name. Dollars don't: other limits may price what isn't pegged. */
  readonly isClosed: boolean
}

/** A limit on the sum of payments: what it allows are caps, for the ledger to check. */
export type SumLimit = Limit<Cap & Charge>

/**
 * Reads a limit that holds for all assets.
 *
 * @param name - The option, without `limits.`.
 * @param input - Untrusted.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readLimit(name: string, input: unknown): Limit {
  const allows = readMoney(input, `limits.${name}`)
  return { name, allows, isClosed: allows[0]?.unit !== 'usd' }
}

/** Reads a limit on the sum of payments; `undefined` seconds mean that they count for ever. */
export function readSumLimit(name: string, input: unknown, windowSeconds: number | undefined): SumLimit {
  const limit = readLimit(name, input)
  return { ...limit, allows: limit.allows.map((allowed) => ({ ...allowed, name, scope: {}, windowSeconds })) }
}

import { type PaymentRequirements, readRequirements } from '../../../../../src/wire/requirements.js'
import { readVector } from '../../../../support/vectors/read-vector.js'

/** The vectors of payments through Permit2. */
export type Permit2Vector = 'exact-permit2' | 'exact-permit2+eip2612' | 'exact-permit2+erc20Approval' | 'upto-permit2'

/**
 * The terms of a vector: 0.01 USDC on Base Sepolia.
 *
 * @param changes - Written over the terms, whatever they are; `extra` is added to that of the vector.
 */
export function createPermit2Terms(
  name: Permit2Vector,
  { extra, ...changes }: Readonly<Record<string, unknown>> = {},
): PaymentRequirements {
  const read = readRequirements(readVector(name).requirements, 2)
  if ('problem' in read) throw new Error(read.problem)
  return Object.assign(read.value, changes, { extra: { ...read.value.extra, ...(extra as object | undefined) } })
}

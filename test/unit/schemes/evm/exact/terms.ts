import { type PaymentRequirements, readRequirements } from '../../../../../src/wire/requirements.js'
import { readVector } from '../../../../support/vectors/read-vector.js'

/**
 * The terms of the vector `exact-eip3009`: 0.01 USDC on Base Sepolia.
 *
 * @param changes - Written over the terms, whatever they are: sellers and callers without types send anything.
 */
export function createTerms(changes: Readonly<Record<string, unknown>> = {}): PaymentRequirements {
  const read = readRequirements(readVector('exact-eip3009').requirements, 2)
  if ('problem' in read) throw new Error(read.problem)
  return Object.assign(read.value, changes)
}

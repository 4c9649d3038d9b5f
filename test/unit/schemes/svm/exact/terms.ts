import { type PaymentRequirements, readRequirements } from '../../../../../src/wire/requirements.js'
import { readVector } from '../../../../support/vectors/read-vector.js'

/** The key of the published vectors: worth nothing anywhere. */
export const SEED = new Uint8Array(32).fill(0x22)
export const PAYER = 'Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew'
export const FEE_PAYER = 'EwWqGE4ZFKLofuestmU4LDdK7XM1N4ALgdZccwYugwGd'
export const DEVNET = 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1'
export const BLOCKHASH = 'EZ3rST5dvHmbanh75jc4PuLfV96vp9fEYBVeNk4FfM1k'

/**
 * The terms of the vector `exact-svm-random-memo`: 0.001 USDC on devnet, with the seller's blockhash.
 *
 * @param changes - Written over the terms, and over `extra`, whatever they are: sellers and callers without types send anything.
 */
export function createTerms(changes: Readonly<Record<string, unknown>> = {}): PaymentRequirements {
  const read = readRequirements(readVector('exact-svm-random-memo').requirements, 2)
  if ('problem' in read) throw new Error(read.problem)
  const extra = { ...read.value.extra, ...new Object(changes['extra']) }
  return Object.assign(read.value, changes, { extra })
}

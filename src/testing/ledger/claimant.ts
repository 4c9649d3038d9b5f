import type { Claimant } from '../../payment/purchase.js'
import { createDraft } from './draft.js'

/** Creates the claimant that asks for the purchase of `createDraft` as that draft does. */
export function createClaimant(change: Partial<Claimant> = {}): Claimant {
  const { call, by } = createDraft()
  const { purchase, coarse, isKeyed } = call
  return { purchase, coarse, isKeyed, ...by, ...change }
}

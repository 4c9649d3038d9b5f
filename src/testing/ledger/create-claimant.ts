import type { Claimant } from '../../payment/purchase.js'

/** The account of `createRecord`. */
export const PAYER = '0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B'

/** Who asks for the purchase of `createRecord`, at a time when no payment of these cases is over. */
export function createClaimant(change: Partial<Claimant> = {}): Claimant {
  return {
    purchase: 'weather',
    coarse: 'weather',
    isKeyed: false,
    payers: [PAYER],
    nowSeconds: 1_000_000_000,
    buysOver: false,
    ...change,
  }
}

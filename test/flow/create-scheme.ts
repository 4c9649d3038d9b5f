import type { SchemeNetworkClient } from '../../src/scheme.js'
import { USDC } from '../support/offers.js'

/** A scheme without a chain, which signs anything; what a test wants of it goes in `changes`. */
export function createScheme(changes: Partial<SchemeNetworkClient> = {}): SchemeNetworkClient {
  return {
    scheme: 'exact',
    payer: 'buyer',
    findDefaultAsset: (asset) => (asset === USDC ? { asset, decimals: 6, symbol: 'USDC' } : undefined),
    createPaymentPayload: async (x402Version) => ({ x402Version, payload: { signature: 'signed' } }),
    ...changes,
  }
}

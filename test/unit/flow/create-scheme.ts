import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { USDC } from '../../support/offers.js'

/** A scheme without a chain, which signs anything and reads it as what was asked; what a test wants of it goes in `changes`. */
export function createScheme(changes: Partial<SchemeNetworkClient> = {}): SchemeNetworkClient {
  const { payer = 'buyer' } = changes
  return {
    scheme: 'exact',
    payer,
    describe: (_payload, { payTo, asset, amount }, nowSeconds) => ({
      payer,
      payTo,
      asset,
      amount: BigInt(amount),
      validUntilSeconds: nowSeconds + 60,
      nonce: '1',
    }),
    findDefaultAsset: (asset) => (asset === USDC ? { asset, decimals: 6, symbol: 'USDC' } : undefined),
    createPaymentPayload: async (x402Version) => ({ x402Version, payload: { signature: 'signed' } }),
    ...changes,
  }
}

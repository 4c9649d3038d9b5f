import type { ChainVerdict, SchemeContext, SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { PAY_TO, USDC } from '../offers.js'
import type { Authorization } from './create-truth.js'

/** What a world does for a scheme. */
export type SchemeWorld = {
  /** Signs for the call whose 402 it was; waits as long as the story wants. */
  sign(
    call: unknown,
    amount: bigint,
    validUntilSeconds: number,
  ): Promise<Pick<Authorization, 'nonce' | 'validUntilSeconds'>>
  nowSeconds(): number
  askChain(nonce: string): ChainVerdict
  cancel(nonce: string): void
}

type Payload = { readonly nonce: string; readonly amount: string; readonly validUntilSeconds: number }

/** A scheme without a chain, for tests that make more payments than a machine has time to sign. */
export function createLocalScheme(scheme: 'exact' | 'upto', world: SchemeWorld): SchemeNetworkClient {
  return {
    scheme,
    payer: 'buyer',
    findDefaultAsset: (asset) => ({ asset, decimals: 6, symbol: 'USDC' }),
    async createPaymentPayload(x402Version, { amount, maxTimeoutSeconds }, context) {
      const signing = world.sign(callOf(context), BigInt(amount), world.nowSeconds() + maxTimeoutSeconds)
      const { nonce, validUntilSeconds } = await signing
      return { x402Version, payload: { nonce, amount, validUntilSeconds } satisfies Payload }
    },
    describe(payload) {
      const { nonce, amount, validUntilSeconds } = payload as Payload // as it was made above
      return { payer: 'buyer', payTo: PAY_TO, asset: USDC, amount: BigInt(amount), validUntilSeconds, nonce }
    },
    canReconcile: () => true,
    reconcile: async ({ nonce }) => world.askChain(nonce),
    async cancel({ nonce }) {
      world.cancel(nonce)
      return { transaction: 'canceled' }
    },
  }
}

/** The call's number, which its 402 named. */
function callOf(context: SchemeContext | undefined): unknown {
  return Reflect.get(new Object(context?.extensions?.['call']), 'id')
}

import { ExactEvmScheme as OfficialExactEvmScheme } from '@x402/evm/exact/client'
import { type PaymentPayloadResult, type PaymentRequirements, type SchemeNetworkClient, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What Circle publishes for buyers with an x402 client of their own, with other imports. Its package doesn't install here. */

const BASE = { network: 'eip155:8453', price: '$0.01' } as const
const url = 'https://api.example.com/paid'
const signer = privateKeyToAccount(generatePrivateKey())

/** The shape of Circle's `CompositeEvmScheme`: one `exact` that asks a batching scheme or a fallback, by `extra.name`. */
class CompositeEvmScheme implements SchemeNetworkClient {
  readonly scheme = 'exact'
  readonly #batch: Pick<SchemeNetworkClient, 'createPaymentPayload'>
  readonly #fallback: Pick<SchemeNetworkClient, 'createPaymentPayload'>

  constructor(
    batch: Pick<SchemeNetworkClient, 'createPaymentPayload'>,
    fallback: Pick<SchemeNetworkClient, 'createPaymentPayload'>,
  ) {
    this.#batch = batch
    this.#fallback = fallback
  }

  createPaymentPayload(x402Version: number, requirements: PaymentRequirements): Promise<PaymentPayloadResult> {
    const isBatched = requirements.extra['name'] === 'GatewayWalletBatched'
    return (isBatched ? this.#batch : this.#fallback).createPaymentPayload(x402Version, requirements)
  }
}

const noBatches = { createPaymentPayload: () => Promise.reject(new Error('no Gateway here')) }

describe('a composite scheme, registered once for all EVM networks', () => {
  it('pays through a fallback of the official package, once its asset is allowed', async () => {
    const { fetch, payments } = openShop(BASE)
    const composite = new CompositeEvmScheme(noBatches, new OfficialExactEvmScheme(signer))
    const asset = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
    const assets = [{ network: 'eip155:8453', asset, symbol: 'USDC', decimals: 6, peg: 'usd' }] as const
    const client = new x402Client({ limits: { assets } }).register('eip155:*', composite)
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments).toHaveLength(1)
  })

  it('is refused as it is published, since it names no asset that a limit could price', async () => {
    const { fetch } = openShop(BASE)
    const composite = new CompositeEvmScheme(noBatches, new ExactEvmScheme(signer))
    const client = new x402Client().register('eip155:*', composite)
    await expect(wrapFetchWithPayment(fetch, client)(url)).rejects.toMatchObject({ code: 'ASSET_NOT_ALLOWED' })
  })
})

describe('a wallet of Circle, which signs elsewhere', () => {
  it('signs for our scheme as an object with an address and signTypedData', async () => {
    const { fetch } = openShop(BASE)
    const remote = {
      address: signer.address,
      async signTypedData(message: Parameters<typeof signer.signTypedData>[0]): Promise<string> {
        return signer.signTypedData(message)
      },
    }
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(remote))
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
  })
})

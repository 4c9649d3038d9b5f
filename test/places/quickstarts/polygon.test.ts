import { x402Client, x402HTTPClient } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createWalletClient, custom } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { polygonAmoy } from 'viem/chains'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What Polygon publishes for buyers (its quickstart, and its migration from protocol 1 to 2), with other imports. */

const POLYGON = { network: 'eip155:137', price: '$0.001' } as const
const url = 'https://api.example.com/paid-endpoint'

describe('the quickstart of protocol 2', () => {
  it('registers a scheme for all EVM networks, and pays on Polygon', async () => {
    const { fetch, payments } = openShop(POLYGON)
    const signer = privateKeyToAccount(generatePrivateKey())
    const client = new x402Client()
    client.register('eip155:*', new ExactEvmScheme(signer))
    const fetchWithPayment = wrapFetchWithPayment(fetch, client)
    const response = await fetchWithPayment(url)
    expect(response.status).toBe(200)
    const receipt = new x402HTTPClient(client).getPaymentSettleResponse((name) => response.headers.get(name))
    expect(receipt).toMatchObject({ success: true, network: 'eip155:137' })
    expect(payments.map(({ accepted }) => accepted.amount)).toEqual(['1000'])
  })
})

describe('the quickstart of protocol 1', () => {
  const account = privateKeyToAccount(generatePrivateKey())
  const transport = custom({ request: () => Promise.reject(new Error('no chain')) })
  const walletClient = createWalletClient({ account, chain: polygonAmoy, transport })

  it('its wallet client signs for our scheme', async () => {
    const { fetch, payments } = openShop(POLYGON)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(walletClient))
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments).toHaveLength(1)
  })

  it('its wrapped wallet is told what to write, as Polygon’s own migration tells', () => {
    // @ts-expect-error -- `x402-fetch` took a wallet where `@x402/fetch` and we take a client.
    expect(() => wrapFetchWithPayment(fetch, walletClient)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining('x402Client') }),
    )
  })
})

import { type PaymentRequirements, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { decodePaymentResponseHeader, wrapFetchWithPayment } from 'pay402/fetch'
import { createPublicClient, custom, defineChain } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What HPP publishes for buyers ("Quickstart: Buyers"), with other imports. */

const RPC = 'https://mainnet.hpp.io'
const NETWORK = 'eip155:190415'
const SCHEME = 'exact'
const HPP = { network: NETWORK, price: '$0.01' } as const
const url = 'https://seller.example.com/paid/hello'

const hppMainnet = defineChain({
  id: 190415,
  name: 'HPP Mainnet',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [RPC] } },
})
const account = privateKeyToAccount(generatePrivateKey())
const pub = createPublicClient({
  chain: hppMainnet,
  transport: custom({ request: () => Promise.reject(new Error('no chain')) }),
})
/** Signs with the wallet and reads the chain. */
const signer = {
  address: account.address,
  signTypedData: (message: Parameters<typeof account.signTypedData>[0]) => account.signTypedData(message),
  readContract: (parameters: Parameters<typeof pub.readContract>[0]) => pub.readContract(parameters),
}

function createClient(schemeClient: ExactEvmScheme): x402Client {
  return x402Client.fromConfig({
    schemes: [{ network: NETWORK, client: schemeClient }],
    paymentRequirementsSelector: (_version, accepts) =>
      accepts.find((one) => one.network === NETWORK && one.scheme === SCHEME) ?? (accepts[0] as PaymentRequirements),
  })
}

const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ hi: 1 }) }

describe('paying', () => {
  it('posts JSON and reads what was settled', async () => {
    const { fetch, payments } = openShop({ network: 'eip155:8453', price: '$0.01' }, HPP)
    const fetchWithPay = wrapFetchWithPayment(fetch, createClient(new ExactEvmScheme(signer)))
    const res = await fetchWithPay(url, post)
    expect(res.status).toBe(200)
    expect(await res.json()).toEqual({ sold: '{"hi":1}' })
    const header = res.headers.get('payment-response')
    expect(header && decodePaymentResponseHeader(header)).toMatchObject({ success: true, network: NETWORK })
    expect(payments.map(({ accepted }) => accepted.extra)).toEqual([{ name: 'Bridged USDC', version: '2' }])
  })
})

describe('handling failures', () => {
  it('throws an Error before sending, when no scheme fits', async () => {
    const { fetch, payments } = openShop({ network: 'eip155:8453', price: '$0.01' })
    const fetchWithPay = wrapFetchWithPayment(fetch, createClient(new ExactEvmScheme(signer)))
    await expect(fetchWithPay(url, post)).rejects.toBeInstanceOf(Error)
    expect(payments).toEqual([])
  })

  it('answers a non-2xx response after sending where refusals are returned, which is an option here', async () => {
    const { fetch } = openShop(HPP)
    const spoilt = { ...signer, signTypedData: async () => `0x${'11'.repeat(65)}` }
    const client = createClient(new ExactEvmScheme(spoilt))
    const res = await wrapFetchWithPayment(fetch, client, { refusals: 'return' })(url, post)
    expect(res.ok).toBe(false)
    expect(res.status).toBe(402)
    await expect(wrapFetchWithPayment(fetch, client)(`${url}/2`, post)).rejects.toMatchObject({
      code: 'PAYMENT_REJECTED',
      money: 'in-doubt',
    })
  })
})

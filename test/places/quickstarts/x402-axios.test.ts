import axios from 'axios'
import { x402HTTPClient } from 'pay402'
import {
  decodePaymentResponseHeader,
  type SelectPaymentRequirements,
  wrapAxiosWithPayment,
  wrapAxiosWithPaymentFromConfig,
  x402Client,
} from 'pay402/axios'
import { ExactEvmScheme } from 'pay402/evm'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What the README of `@x402/axios` shows buyers, with other imports. */

const BASE_SEPOLIA = { network: 'eip155:84532', price: '$0.01' } as const
const BASE = { network: 'eip155:8453', price: '$0.02' } as const
const url = 'https://api.example.com/paid-endpoint'
const account = privateKeyToAccount(generatePrivateKey())

/** An instance that reaches the shop and nothing else. */
function openInstance(...offers: Parameters<typeof openShop>) {
  const { fetch, payments } = openShop(...offers)
  return { instance: axios.create({ adapter: 'fetch', env: { fetch } }), payments }
}

describe('@x402/axios', () => {
  it('quick start: wraps an instance with a configuration', async () => {
    const { instance } = openInstance(BASE)
    const api = wrapAxiosWithPaymentFromConfig(instance, {
      schemes: [
        {
          network: 'eip155:8453', // Base Mainnet
          client: new ExactEvmScheme(account),
        },
      ],
    })
    const response = await api.get(url)
    const data = response.data
    expect(data).toEqual({ sold: '' })
  })

  it('basic usage: decodes the receipt', async () => {
    const { instance } = openInstance(BASE_SEPOLIA)
    const api = wrapAxiosWithPaymentFromConfig(instance, {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
    })
    await api.get(url).then((response) => {
      const paymentResponse = response.headers['payment-response']
      expect(decodePaymentResponseHeader(String(paymentResponse))).toMatchObject({
        success: true,
        payer: account.address,
      })
    })
  })

  it('builder pattern: wraps an instance with a client of several schemes', async () => {
    const { instance } = openInstance(BASE_SEPOLIA)
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(account))
      .register('solana:*', new ExactEvmScheme(account)) // stands in for the scheme of another chain
    const api = wrapAxiosWithPayment(instance, client)
    expect(await api.post(url, { question: 1 })).toMatchObject({ status: 200, data: { sold: '{"question":1}' } })
  })

  it('wraps an instance with an HTTP client', async () => {
    const { instance } = openInstance(BASE_SEPOLIA)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
    expect((await wrapAxiosWithPayment(instance, new x402HTTPClient(client)).get(url)).status).toBe(200)
  })

  it('custom selector: takes the cheapest', async () => {
    const { instance, payments } = openInstance(BASE, BASE_SEPOLIA)
    const selectCheapestOption: SelectPaymentRequirements = (_version, accepts) => {
      const [cheapest] = [...accepts].sort((a, b) => Number(BigInt(a.amount) - BigInt(b.amount)))
      if (cheapest === undefined) throw new Error('No payment options available')
      return cheapest
    }
    const api = wrapAxiosWithPaymentFromConfig(instance, {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
      paymentRequirementsSelector: selectCheapestOption,
    })
    await api.get(url)
    expect(payments.map(({ accepted }) => accepted.network)).toEqual(['eip155:84532'])
  })
})

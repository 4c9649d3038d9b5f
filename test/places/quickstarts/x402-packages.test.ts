import { x402Client as OfficialClient } from '@x402/core/client'
import { ExactEvmScheme as OfficialExactEvmScheme, toClientEvmSigner } from '@x402/evm'
import { type PaymentPayload, type PaymentRequirements, x402Client, x402HTTPClient } from 'pay402'
import { ExactEvmScheme, registerExactEvmScheme, toClientEvmSigner as toOurSigner } from 'pay402/evm'
import { decodePaymentResponseHeader, wrapFetchWithPayment, wrapFetchWithPaymentFromConfig } from 'pay402/fetch'
import { createPublicClient, custom } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openProtocol1Shop } from './open-protocol-1-shop.js'
import { openShop } from './open-shop.js'

/** What the READMEs of `@x402/fetch`, `@x402/core` and `@x402/evm` show buyers, with other imports. */

const BASE_SEPOLIA = { network: 'eip155:84532', price: '$0.01' } as const
const BASE = { network: 'eip155:8453', price: '$0.02' } as const
const url = 'https://api.example.com/paid-endpoint'
const account = privateKeyToAccount(generatePrivateKey())

describe('@x402/fetch', () => {
  it('quick start: wraps fetch with a configuration', async () => {
    const { fetch } = openShop(BASE)
    const fetchWithPayment = wrapFetchWithPaymentFromConfig(fetch, {
      schemes: [
        {
          network: 'eip155:8453', // Base Mainnet
          client: new ExactEvmScheme(account),
        },
      ],
    })
    const response = await fetchWithPayment(url, { method: 'GET' })
    expect(await response.json()).toEqual({ sold: '' })
  })

  it('basic usage: decodes the receipt', async () => {
    const { fetch } = openShop(BASE_SEPOLIA)
    const fetchWithPayment = wrapFetchWithPaymentFromConfig(fetch, {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
    })
    await fetchWithPayment(url, { method: 'GET' }).then(async (response) => {
      expect(await response.json()).toEqual({ sold: '' })
      const paymentResponse = response.headers.get('PAYMENT-RESPONSE')
      expect(paymentResponse).not.toBeNull()
      if (paymentResponse) {
        expect(decodePaymentResponseHeader(paymentResponse)).toMatchObject({ success: true, payer: account.address })
      }
    })
  })

  it('builder pattern: wraps fetch with a client of several schemes', async () => {
    const { fetch } = openShop(BASE_SEPOLIA)
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(account))
      .register('solana:*', new ExactEvmScheme(account)) // stands in for the scheme of another chain
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
  })

  it('custom selector: takes the cheapest', async () => {
    const { fetch, payments } = openShop(BASE, BASE_SEPOLIA)
    const selectCheapestOption = (_version: number, accepts: PaymentRequirements[]) => {
      if (!accepts || accepts.length === 0) throw new Error('No payment options available')
      const sorted = [...accepts].sort((a, b) => Number(BigInt(a.amount) - BigInt(b.amount)))
      return sorted[0] as PaymentRequirements
    }
    const fetchWithPayment = wrapFetchWithPaymentFromConfig(fetch, {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(account) }],
      paymentRequirementsSelector: selectCheapestOption,
    })
    expect((await fetchWithPayment(url)).status).toBe(200)
    expect(payments.map(({ accepted }) => accepted.network)).toEqual(['eip155:84532'])
  })
})

describe('@x402/core', () => {
  it('client usage: pays step by step through x402HTTPClient', async () => {
    const { fetch } = openShop(BASE_SEPOLIA)
    const coreClient = new x402Client().register('eip155:*', new ExactEvmScheme(account))
    const client = new x402HTTPClient(coreClient)
    const response = await fetch(url)
    expect(response.status).toBe(402)
    const paymentRequired = client.getPaymentRequiredResponse(
      (name) => response.headers.get(name),
      await response.json(),
    )
    const paymentPayload = await client.createPaymentPayload(paymentRequired)
    const paidResponse = await fetch(url, { headers: client.encodePaymentSignatureHeader(paymentPayload) })
    const settlement = client.getPaymentSettleResponse((name) => paidResponse.headers.get(name))
    expect(settlement.transaction).toMatch(/^0x/)
  })

  it('configuration: filters by a policy', async () => {
    const { fetch, payments } = openShop(BASE, BASE_SEPOLIA)
    const client = x402Client.fromConfig({
      schemes: [
        { network: 'eip155:*', client: new ExactEvmScheme(account) },
        { network: 'solana:mainnet', client: new ExactEvmScheme(account) },
      ],
      policies: [(_version, requirements) => requirements.filter((one) => BigInt(one.amount) < BigInt('20000'))],
    })
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments.map(({ accepted }) => accepted.network)).toEqual(['eip155:84532'])
  })

  it('hooks: recovers a failed payment with a payload from elsewhere', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    const elsewhere = new OfficialClient().register('eip155:*', new OfficialExactEvmScheme(account))
    const client = new x402Client().register(
      'eip155:*',
      new ExactEvmScheme({ address: account.address, signTypedData: () => Promise.reject(new Error('offline')) }),
    )
    client
      .onBeforePaymentCreation(async (context) => {
        expect(context.selectedRequirements.network).toBe('eip155:84532')
      })
      .onAfterPaymentCreation(async (context) => {
        expect(context.paymentPayload.payload).toHaveProperty('signature')
      })
      .onPaymentCreationFailure(async (context) => {
        expect(context.error).toBeInstanceOf(Error)
        const payload = await elsewhere.createPaymentPayload(context.paymentRequired)
        const recovery: { recovered: true; payload: PaymentPayload } = { recovered: true, payload }
        return recovery
      })
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments).toHaveLength(1)
  })

  it('setSpendControls: says how to write them as limits', () => {
    expect(() => new x402Client().setSpendControls({ maxAmountPerPayment: '$0.10' })).toThrow(
      expect.objectContaining({ code: 'USE_LIMITS' }),
    )
  })
})

describe('@x402/evm', () => {
  it('registerExactEvmScheme: registers for all EVM networks', async () => {
    const { fetch } = openShop(BASE)
    const client = new x402Client()
    registerExactEvmScheme(client, { signer: account })
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
  })

  it('registerExactEvmScheme: registers for protocol 1 too', async () => {
    const { fetch, payments } = openProtocol1Shop()
    const client = new x402Client()
    registerExactEvmScheme(client, { signer: account, networks: ['eip155:84532'] })
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments.map(({ network }) => network)).toEqual(['base-sepolia'])
  })

  it('registerExactEvmScheme: applies policies', async () => {
    const { fetch, payments } = openShop(BASE, BASE_SEPOLIA)
    const client = new x402Client()
    const policies = [
      (_version: number, requirements: PaymentRequirements[]) =>
        requirements.filter((one) => one.network === 'eip155:84532'),
    ]
    registerExactEvmScheme(client, { signer: account, policies })
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    expect(payments.map(({ accepted }) => accepted.network)).toEqual(['eip155:84532'])
  })

  it.each([
    ['of @x402/evm', toClientEvmSigner],
    ['of ours', toOurSigner],
  ])('toClientEvmSigner %s: its signer signs for our scheme', async (_whose, toSigner) => {
    const { fetch } = openShop(BASE)
    const publicClient = createPublicClient({
      transport: custom({ request: () => Promise.reject(new Error('no chain')) }),
    })
    const signer = toSigner(account, publicClient)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
  })

  it.each([
    ['for every chain', { rpcUrl: 'http://127.0.0.1:1' }],
    ['by chain id', { 8453: { rpcUrl: 'http://127.0.0.1:1' }, 137: { rpcUrl: 'http://127.0.0.1:1' } }],
  ])('rpcUrl %s: our scheme takes it, as an argument and as `schemeOptions`', async (_how, schemeOptions) => {
    const { fetch } = openShop(BASE)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(account, schemeOptions))
    expect((await wrapFetchWithPayment(fetch, client)(url)).status).toBe(200)
    const registered = registerExactEvmScheme(new x402Client(), { signer: toOurSigner(account), schemeOptions })
    expect((await wrapFetchWithPayment(fetch, registered)(url)).status).toBe(200)
  })
})

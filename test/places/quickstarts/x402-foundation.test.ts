import { decodePaymentRequiredHeader, type PaymentRequirements, x402Client, x402HTTPClient } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { openShop } from './open-shop.js'

/** What the x402 Foundation publishes for buyers, with other imports: docs.x402.org, and `examples/typescript/clients` of its repository. */

const BASE_SEPOLIA = { network: 'eip155:84532', price: '$0.01' } as const
const BASE = { network: 'eip155:8453', price: '$0.01' } as const
const POLYGON = { network: 'eip155:137', price: '$0.01' } as const
const url = 'https://api.example.com/paid-endpoint'
const evmSigner = privateKeyToAccount(generatePrivateKey())

describe('docs.x402.org, quickstart for buyers (and docs.cdp.coinbase.com)', () => {
  it('registers a scheme for all EVM networks, wraps fetch, and reads the receipt', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    const client = new x402Client()
    client.register('eip155:*', new ExactEvmScheme(evmSigner))
    const fetchWithPayment = wrapFetchWithPayment(fetch, client)
    const response = await fetchWithPayment(url, { method: 'GET' })
    expect(await response.json()).toEqual({ sold: '' })
    expect(response.ok).toBe(true)
    const httpClient = new x402HTTPClient(client)
    const paymentResponse = httpClient.getPaymentSettleResponse((name) => response.headers.get(name))
    expect(paymentResponse).toMatchObject({ success: true, network: 'eip155:84532', payer: evmSigner.address })
    expect(payments).toHaveLength(1)
  })
})

describe('docs.x402.org, lifecycle hooks', () => {
  it('holds a spending limit in a hook', async () => {
    const { fetch, payments } = openShop({ network: 'eip155:84532', price: '$0.50' })
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(evmSigner))
    client.onBeforePaymentCreation(async (context) => {
      const maxAmount = BigInt('100000')
      const requestedAmount = BigInt(context.selectedRequirements.amount)
      if (requestedAmount <= maxAmount) return
      return { abort: true, reason: 'Payment exceeds spending limit' }
    })
    await expect(wrapFetchWithPayment(fetch, client)(url)).rejects.toThrow('Payment exceeds spending limit')
    expect(payments).toEqual([])
  })

  it('tries an API key before it pays', async () => {
    const { fetch, payments, requests } = openShop(BASE_SEPOLIA)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(evmSigner))
    const httpClient = new x402HTTPClient(client)
    const apiKey = 'secret'
    httpClient.onPaymentRequired(async ({ paymentRequired }) => {
      expect(paymentRequired.accepts).toHaveLength(1)
      if (!apiKey) return
      return { headers: { Authorization: `Bearer ${apiKey}` } }
    })
    const response = await wrapFetchWithPayment(fetch, httpClient)(url)
    expect(response.status).toBe(200)
    expect(requests).toHaveLength(2)
    expect(payments).toEqual([])
  })
})

describe('examples, fetch', () => {
  it('passes no options where it has no RPC', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    const rpcOptions = undefined
    const client = new x402Client()
    client.register('eip155:*', new ExactEvmScheme(evmSigner, rpcOptions))
    const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
    const contentType = response.headers.get('content-type') ?? ''
    const body = contentType.includes('application/json') ? await response.json() : await response.text()
    expect(body).toEqual({ sold: '' })
    expect(payments).toHaveLength(1)
  })
})

describe('examples, advanced', () => {
  it('builder pattern: gives one network another signer than the rest', async () => {
    const { fetch, payments } = openShop(BASE)
    const mainnetSigner = privateKeyToAccount(generatePrivateKey())
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(evmSigner))
      .register('eip155:8453', new ExactEvmScheme(mainnetSigner))
    const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
    const paymentResponse = new x402HTTPClient(client).getPaymentSettleResponse((name) => response.headers.get(name))
    if (paymentResponse) expect(paymentResponse.payer).toBe(mainnetSigner.address)
    expect(payments).toHaveLength(1)
  })

  it('hooks: sees a payment before and after it is made', async () => {
    const { fetch } = openShop(BASE_SEPOLIA)
    const seen: string[] = []
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(evmSigner))
      .onBeforePaymentCreation(async (context) => {
        seen.push(`${context.selectedRequirements.network} ${context.selectedRequirements.scheme}`)
      })
      .onAfterPaymentCreation(async (context) => {
        seen.push(`version ${context.paymentPayload.x402Version}`)
      })
      .onPaymentCreationFailure(async (context) => {
        seen.push(`failed: ${context.error}`)
      })
    const { wrapFetchWithPayment: wrap } = await import('pay402/fetch')
    expect((await wrap(fetch, client)(url, { method: 'GET' })).status).toBe(200)
    expect(seen).toEqual(['eip155:84532 exact', 'version 2'])
  })

  it('preferred network: lets a selector choose among what both sides support', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA, POLYGON)
    const networkPreferences = ['solana:', 'eip155:137']
    const preferredNetworkSelector = (_x402Version: number, options: PaymentRequirements[]): PaymentRequirements => {
      for (const preference of networkPreferences) {
        const match = options.find((option) => option.network.startsWith(preference))
        if (match) return match
      }
      return options[0] as PaymentRequirements
    }
    const client = new x402Client(preferredNetworkSelector).register('eip155:*', new ExactEvmScheme(evmSigner))
    const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
    expect(response.status).toBe(200)
    expect(payments.map(({ accepted }) => accepted.network)).toEqual(['eip155:137'])
  })

  it('screen recipient: pays who passes and not who is denied', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    const denied = new Set<string>()
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(evmSigner))
      .onBeforePaymentCreation(async (context) => {
        const { payTo } = context.selectedRequirements
        if (denied.has(payTo.toLowerCase())) return { abort: true, reason: 'recipient failed the screen' }
        denied.add(payTo.toLowerCase())
        return
      })
    const fetchWithPayment = wrapFetchWithPayment(fetch, client)
    expect((await fetchWithPayment(`${url}/1`)).status).toBe(200)
    await expect(fetchWithPayment(`${url}/2`)).rejects.toThrow('recipient failed the screen')
    expect(payments).toHaveLength(1)
  })

  it('spend controls: says how to write them as limits', () => {
    const config = {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(evmSigner) } as const],
      spendControls: { maxAmountPerPayment: '$1' },
    }
    expect(() => x402Client.fromConfig(config)).toThrow(
      expect.objectContaining({ code: 'USE_LIMITS', message: expect.stringContaining('limits: { perPayment') }),
    )
  })
})

describe('examples, custom: without a wrapper', () => {
  /** The form up to the payment, which is the same in both tests. */
  async function createPayment(fetch: typeof globalThis.fetch) {
    const selectPayment = (_version: number, requirements: PaymentRequirements[]) =>
      requirements[1] as PaymentRequirements
    const client = new x402Client(selectPayment).register('eip155:*', new ExactEvmScheme(evmSigner))
    const response = await fetch(url)
    const paymentRequiredHeader = response.headers.get('PAYMENT-REQUIRED')
    if (!paymentRequiredHeader) throw new Error('Missing PAYMENT-REQUIRED header')
    const paymentRequired = decodePaymentRequiredHeader(paymentRequiredHeader)
    const requirements: PaymentRequirements[] = Array.isArray(paymentRequired.accepts)
      ? paymentRequired.accepts
      : [paymentRequired.accepts]
    expect(requirements.map(({ network, scheme, amount }) => `${network} / ${scheme} - ${amount}`)).toHaveLength(2)
    return client.createPaymentPayload(paymentRequired)
  }

  it('decodes the 402, lets a selector take the second offer, and creates a payment for it', async () => {
    const { fetch } = openShop(BASE_SEPOLIA, BASE)
    expect((await createPayment(fetch)).accepted).toMatchObject({ network: 'eip155:8453' })
  })
})

describe('examples, payment-identifier: a captured header is replayed', () => {
  type ReplayClient = {
    onAfterPaymentCreation(
      hook: (context: { paymentPayload: object; selectedRequirements: object }) => Promise<void>,
    ): unknown
  }
  type ReplayHttpClient = {
    encodePaymentSignatureHeader(paymentPayload: object): Record<string, string>
    onPaymentRequired(
      hook: (context: { requestUrl: string }) => Promise<{ headers: Record<string, string> } | undefined>,
    ): unknown
  }

  it('is refused by us: what a hook supplies is never a payment, and nothing is signed', async () => {
    const { fetch, payments } = openShop(BASE_SEPOLIA)
    const core = new x402Client().register('eip155:*', new ExactEvmScheme(evmSigner))
    const http = new x402HTTPClient(core)
    const [client, httpClient]: [ReplayClient, ReplayHttpClient] = [core, http as ReplayHttpClient]
    let captured: Record<string, string> | undefined
    client.onAfterPaymentCreation(async ({ paymentPayload }) => {
      captured ??= { ...httpClient.encodePaymentSignatureHeader(paymentPayload) }
    })
    httpClient.onPaymentRequired(async ({ requestUrl }) =>
      requestUrl === url && captured ? { headers: captured } : undefined,
    )
    const fetchWithPayment = wrapFetchWithPayment(fetch, http)
    expect((await fetchWithPayment(url)).status).toBe(200)
    await expect(fetchWithPayment(url)).rejects.toMatchObject({ code: 'PAYMENT_HEADER_PRESENT', money: 'untouched' })
    expect(payments).toHaveLength(1)
  })
})

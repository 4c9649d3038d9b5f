import { ExactEvmScheme, registerExactEvmScheme } from 'pay402/evm'
import {
  decodePaymentResponseHeader,
  wrapFetchWithPayment,
  wrapFetchWithPaymentFromConfig,
  x402Client,
  x402HTTPClient,
} from 'pay402/fetch'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'

/**
 * The forms in which buyers' quickstarts are published, with nothing changed but where they import from: by `@x402/fetch` and
 * `@x402/core`, by Polygon (x402Client, ExactEvmScheme on eip155:*, getPaymentSettleResponse), by Cloudflare
 * (registerExactEvmScheme on a client) and by HPP (first offer that the client supports).
 */
let chain: Chain
let seller: OfficialSeller
let signer: ReturnType<typeof privateKeyToAccount>
beforeAll(async () => {
  chain = await createChain()
  seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
})
afterAll(async () => {
  await seller.stop()
  await chain.stop()
})
beforeEach(async () => {
  signer = privateKeyToAccount(generatePrivateKey())
  await chain.mint(signer.address, 1_000_000n)
})

describe('the quickstart of @x402/fetch', () => {
  it('registers a scheme and wraps fetch', async () => {
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
    const fetchWithPayment = wrapFetchWithPayment(fetch, client)
    const response = await fetchWithPayment(`${seller.url}/weather`, { method: 'GET' })
    expect(await response.json()).toEqual({ city: 'Lisbon', temperature: 21 })
    const receipt = decodePaymentResponseHeader(response.headers.get('PAYMENT-RESPONSE') ?? '')
    expect(receipt).toMatchObject({ success: true, network: 'eip155:84532', payer: signer.address })
  })

  it('is configured by one object, with policies and a selector', async () => {
    const fetchWithPayment = wrapFetchWithPaymentFromConfig(fetch, {
      schemes: [{ network: 'eip155:*', client: new ExactEvmScheme(signer) }],
      policies: [(_version, requirements) => requirements.filter(({ network }) => network.startsWith('eip155:'))],
      paymentRequirementsSelector: (_version, accepts) => accepts[0] ?? expect.unreachable(),
    })
    expect((await fetchWithPayment(`${seller.url}/weather`)).status).toBe(200)
  })

  it('takes a selector in place of options', async () => {
    const client = new x402Client((_version, accepts) => accepts[0] ?? expect.unreachable())
    client.register('eip155:*', new ExactEvmScheme(signer))
    expect((await wrapFetchWithPayment(fetch, client)(`${seller.url}/weather`)).status).toBe(200)
  })
})

describe("Polygon's quickstart for buyers", () => {
  it('reads the receipt through x402HTTPClient', async () => {
    const client = new x402Client()
    client.register('eip155:*', new ExactEvmScheme(signer))
    const fetchWithPayment = wrapFetchWithPayment(fetch, client)
    const response = await fetchWithPayment(`${seller.url}/weather`)
    const httpClient = new x402HTTPClient(client)
    const receipt = httpClient.getPaymentSettleResponse((name) => response.headers.get(name))
    expect(receipt.success).toBe(true)
    expect(receipt.transaction).toMatch(/^0x[0-9a-f]{64}$/)
  })
})

describe("the form of Cloudflare's examples", () => {
  it('registers by a helper, and wraps', async () => {
    const client = new x402Client()
    registerExactEvmScheme(client, { signer })
    const fetchWithPay = wrapFetchWithPayment(fetch, client)
    expect((await fetchWithPay(`${seller.url}/weather`)).status).toBe(200)
  })
})

describe('the form without a wrapper, of @x402/core', () => {
  it('asks, creates the payload, sends it, and reads the receipt', async () => {
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(signer))
    const http = new x402HTTPClient(client)
    const unpaid = await fetch(`${seller.url}/weather`)
    const required = http.getPaymentRequiredResponse((name) => unpaid.headers.get(name), await unpaid.json())
    const payload = await client.createPaymentPayload(required)
    const paid = await fetch(`${seller.url}/weather`, { headers: http.encodePaymentSignatureHeader(payload) })
    expect(paid.status).toBe(200)
    expect(http.getPaymentSettleResponse((name) => paid.headers.get(name)).success).toBe(true)
  })
})

describe('hooks as @x402/core names them', () => {
  it('are called in their order', async () => {
    const called: string[] = []
    const client = new x402Client()
      .register('eip155:*', new ExactEvmScheme(signer))
      .onBeforePaymentCreation(async ({ selectedRequirements }) => {
        called.push(`before ${selectedRequirements.amount}`)
      })
      .onAfterPaymentCreation(async ({ paymentPayload }) => {
        called.push(`after ${paymentPayload.x402Version}`)
      })
      .onPaymentResponse(async ({ settleResponse }) => {
        called.push(`response ${settleResponse?.success}`)
      })
    await wrapFetchWithPayment(fetch, client)(`${seller.url}/weather`)
    expect(called).toEqual(['before 10000', 'after 2', 'response true'])
  })
})

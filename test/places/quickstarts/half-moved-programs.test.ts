import { wrapAxiosWithPayment as wrapOfficialAxios } from '@x402/axios'
import { x402Client as OfficialClient, x402HTTPClient as OfficialHttpClient } from '@x402/core/client'
import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
import { registerExactEvmScheme as registerOfficial } from '@x402/evm/exact/client'
import { wrapFetchWithPayment as wrapOfficialFetch } from '@x402/fetch'
import axios from 'axios'
import ky from 'ky'
import {
  type ClientExtension,
  ConfigurationError,
  encodePaymentRequiredHeader,
  x402Client,
  x402HTTPClient,
} from 'pay402'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { ExactEvmScheme, registerExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { wrapKyWithPayment } from 'pay402/ky'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { listWarnings } from '../../support/list-warnings.js'
import { createOffer } from '../../support/offers.js'
import { openShop } from './open-shop.js'
import { createRecorder } from './shop.js'

/** Programs of which some imports were moved and others weren't: our objects where the official ones go, and theirs where ours go. */

const OFFER = { network: 'eip155:84532', price: '$0.01' } as const
const url = 'https://api.example.com/paid-endpoint'
const account = privateKeyToAccount(generatePrivateKey())

/** Our client, with schemes of either make. */
const makers = {
  'our scheme': () => new x402Client().register('eip155:*', new ExactEvmScheme(account)),
  'the official scheme': () => new x402Client().register('eip155:*', new OfficialScheme(account)),
  'the official registration': () => {
    const client = new x402Client()
    registerOfficial(client as never, { signer: account })
    return client
  },
}
const createClient = makers['our scheme']

/** What takes the place of the official client. TypeScript would refuse some of it; JavaScript doesn't. */
const disguises: Record<string, (client: x402Client) => never> = {
  'our client': (client: x402Client) => client as never,
  'our HTTP client': (client: x402Client) => new x402HTTPClient(client) as never,
  'our client in the official HTTP client': (client: x402Client) => new OfficialHttpClient(client as never) as never,
}

const cases = Object.entries(disguises).flatMap(([name, disguise]) =>
  Object.entries(makers).map(([scheme, create]) => ({ name, disguise, scheme, create })),
)

describe.each(cases)('the official wrappers with $name and $scheme', ({ disguise, create }) => {
  it('fetch: pays once, returns the response, and the payment is settled', async () => {
    const { fetch, payments } = openShop(OFFER)
    const client = create()
    const response = await wrapOfficialFetch(fetch, disguise(client))(url, { method: 'POST', body: 'question' })
    expect(await response.json()).toEqual({ sold: 'question' })
    expect(payments).toHaveLength(1)
    expect(await client.payments()).toMatchObject([{ money: 'settled', amount: '10000' }])
  })

  it('axios: pays once and returns the response; the payment stays in doubt, since this wrapper tells of no receipt', async () => {
    const { fetch, payments } = openShop(OFFER)
    const client = create()
    const instance = axios.create({ adapter: 'fetch', env: { fetch } })
    const { data } = await wrapOfficialAxios(instance, disguise(client)).post(url, 'question')
    expect(data).toEqual({ sold: 'question' })
    expect(payments).toHaveLength(1)
    expect(await client.payments()).toMatchObject([{ money: 'in-doubt', amount: '10000' }])
  })
})

describe.each(Object.entries(disguises))('the official fetch with %s', (_name, disguise) => {
  it('is refused by name what a limit forbids, before anything is signed', async () => {
    const { fetch, payments } = openShop(OFFER)
    const client = new x402Client({ limits: { perPayment: '$0.001' } })
    const paidFetch = wrapOfficialFetch(fetch, disguise(client.register('eip155:*', new ExactEvmScheme(account))))
    await expect(paidFetch(url)).rejects.toThrow('"perPayment" allows $0.001')
    expect(payments).toHaveLength(0)
    expect(await client.payments()).toEqual([])
  })

  it('is handed the response of a seller that refuses the payment, which stays in doubt and counted', async () => {
    const { fetch, payments } = openStubbornShop()
    const client = createClient()
    const response = await wrapOfficialFetch(fetch, disguise(client))(url)
    expect(response.status).toBe(402)
    expect(payments).toHaveLength(1)
    expect(await client.inDoubt()).toMatchObject([{ amount: '10000', sellerSaid: 'insufficient_funds' }])
  })

  it('sends the same payment once more when a hook says `recovered`, never a second one', async () => {
    const { fetch, payments } = openStubbornShop()
    const client = createClient().onPaymentResponse(async () => ({ recovered: true }))
    await wrapOfficialFetch(fetch, disguise(client))(url)
    expect(payments).toHaveLength(2)
    expect(payments[1]).toEqual(payments[0])
    expect(await client.payments()).toHaveLength(1)
  })

  it('is handed the response when a hook throws, and the client warns', async () => {
    const { fetch } = openShop(OFFER)
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(account)).onPaymentResponse(() => {
      throw new Error('of the hook')
    })
    const warnings = listWarnings(client)
    const response = await wrapOfficialFetch(fetch, disguise(client))(url)
    expect(response.status).toBe(200)
    expect(warnings.map(({ code }) => code)).toEqual(['HOOK_FAILED'])
    expect(await client.payments()).toMatchObject([{ money: 'settled' }])
  })

  it('shows a 402 to an extension, which may know a way without paying', async () => {
    const { fetch, payments } = openStubbornShop({ 'member-card': {} })
    const memberCard: ClientExtension = {
      key: 'member-card',
      transportHooks: { http: { onPaymentRequired: async () => ({ headers: { 'x-member': 'Ada' } }) } },
    }
    const client = createClient().registerExtension(memberCard)
    const response = await wrapOfficialFetch(fetch, disguise(client))(url)
    expect(await response.text()).toBe('for Ada')
    expect(payments).toHaveLength(0)
    expect(await client.payments()).toEqual([])
  })

  it('is refused by name where a hook of ours would have the request sent with other headers', async () => {
    const { fetch, payments } = openStubbornShop()
    const client = createClient().onPaymentRequired(async () => ({ headers: { 'x-member': 'Ada' } }))
    const paidFetch = wrapOfficialFetch(fetch, disguise(client))
    await expect(paidFetch(url)).rejects.toThrow('a hook returned headers to ask again with')
    expect(payments).toHaveLength(0)
    expect(await client.payments()).toEqual([])
  })
})

it('the official fetch with a restricted client is refused before anything is signed, since it says no host', async () => {
  const { fetch, payments } = openShop(OFFER)
  const agent = createClient().restrict({ perPayment: '$0.01' })
  const ended = wrapOfficialFetch(fetch, agent as never)(url)
  await expect(ended).rejects.toThrow('Money: untouched. Docs: node_modules/pay402/docs/errors.md#host_unknown')
  expect([payments, await agent.payments()]).toEqual([[], []])
})

/** `@x402/mcp` can't be installed here: these are the calls that its client makes, in their order, with what it hands over. */
describe('the calls of the official MCP client', () => {
  const required = {
    x402Version: 2,
    error: 'Payment required',
    resource: { url: 'https://tools.example.com/mcp', description: 'a tool' },
    accepts: [createOffer()],
  } as never

  it('settle a payment whose receipt came with the result of the tool', async () => {
    const client = createClient()
    const paymentPayload = await client.createPaymentPayload(required)
    const transaction = `0x${'ab'.repeat(32)}`
    const settleResponse = { success: true, transaction, network: OFFER.network, payer: account.address }
    const requirements = paymentPayload.accepted as never
    expect(await client.handlePaymentResponse({ paymentPayload, requirements, settleResponse })).toBeUndefined()
    expect(await client.payments()).toMatchObject([{ money: 'settled', transaction }])
  })

  it('hand out the same payment for a corrective 402, where a hook says `recovered`', async () => {
    const client = createClient().onPaymentResponse(async () => ({ recovered: true }))
    const paymentPayload = await client.createPaymentPayload(required)
    const corrective = { ...(required as object), error: 'stale state' } as never
    const requirements = paymentPayload.accepted as never
    const told = { paymentPayload, requirements, paymentRequired: corrective }
    expect(await client.handlePaymentResponse(told)).toEqual({ recovered: true })
    expect(await client.createPaymentPayload(corrective)).toBe(paymentPayload)
    expect(await client.payments()).toHaveLength(1)
  })

  it('leave a payment in doubt whose receipt fits other terms, and warn', async () => {
    const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
    const warnings = listWarnings(client)
    const paymentPayload = await client.createPaymentPayload(required)
    const settleResponse = { success: true, transaction: `0x${'ab'.repeat(32)}`, network: 'eip155:1' } as const
    await client.handlePaymentResponse({
      paymentPayload,
      requirements: paymentPayload.accepted as never,
      settleResponse,
    })
    expect(await client.payments()).toMatchObject([{ money: 'in-doubt' }])
    expect(warnings.map(({ code }) => code)).toContain('RECEIPT_MISMATCH')
  })
})

describe('the official client', () => {
  it.each([
    ['our scheme', (client: OfficialClient) => client.register('eip155:*', new ExactEvmScheme(account) as never)],
    ['our registration', (client: OfficialClient) => registerExactEvmScheme(client as never, { signer: account })],
  ])('pays with %s', async (_whose, register) => {
    const { fetch, payments } = openShop(OFFER)
    const official = new OfficialClient()
    register(official)
    expect((await wrapOfficialFetch(fetch, official)(url)).status).toBe(200)
    expect(payments).toHaveLength(1)
  })

  const official = new OfficialClient().register('eip155:*', new OfficialScheme(account))
  const strangers = {
    'the official client': official,
    'the official HTTP client': new OfficialHttpClient(official),
    'our client in the official HTTP client': new OfficialHttpClient(createClient() as never),
  }
  const doors: Record<string, (client: never, max?: never) => unknown> = {
    wrapFetchWithPayment: (client, max) => wrapFetchWithPayment(fetch, client, max),
    wrapAxiosWithPayment: (client, max) => wrapAxiosWithPayment(axios.create(), client, max),
    wrapKyWithPayment: (client, max) => wrapKyWithPayment(ky, client, max),
    x402HTTPClient: (client) => new x402HTTPClient(client),
  }

  for (const [door, open] of Object.entries(doors)) {
    it.each(Object.entries(strangers))(`error: INVALID_OPTION when ${door} is given %s`, (_name, stranger) => {
      expect(() => open(stranger as never)).toThrow(ConfigurationError)
      expect(() => open(stranger as never)).toThrow(`\`${door}\` was given a client of another package`)
      expect(() => open(stranger as never)).toThrow("Import `x402Client` and `x402HTTPClient` from 'pay402'")
    })

    it(`error: INVALID_OPTION when ${door} is given a wallet, as the packages before version 2 took it`, () => {
      expect(() => open(account as never)).toThrow(`\`${door}\` was given a wallet`)
      expect(() => open(account as never)).toThrow("register('eip155:*', new ExactEvmScheme(wallet))")
      expect(() => open({ signTransactions: () => undefined } as never)).toThrow("`ExactSvmScheme` from 'pay402/svm'")
      expect(() => open({ evm: account } as never)).toThrow("`ExactEvmScheme` from 'pay402/evm'")
      expect(() => open(account as never, 100_000n as never)).toThrow(`\`${door}\` was given a wallet`) // with its most, a bigint
    })
  }
})

/** A seller that refuses every payment, and gives to members for nothing. */
function openStubbornShop(extensions?: Record<string, unknown>) {
  const required = { x402Version: 2, resource: { url }, accepts: [createOffer()], ...(extensions && { extensions }) }
  return createRecorder('payment-signature', ({ headers }) => {
    const member = headers.get('x-member')
    if (member !== null) return new Response(`for ${member}`)
    const error = headers.has('payment-signature') ? 'insufficient_funds' : 'Payment required'
    const header = encodePaymentRequiredHeader({ ...required, error } as never)
    return new Response('{}', { status: 402, headers: { 'payment-required': header } })
  })
}

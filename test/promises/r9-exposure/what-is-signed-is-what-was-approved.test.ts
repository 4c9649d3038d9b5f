import { afterEach, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { account } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, PAY_TO } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

const THIEF = `0x${'66'.repeat(20)}`

let seller: Seller
afterEach(() => seller.stop())

/** Changes everything that can be reached from a value: fields, prototypes, array entries. Returns the same value. */
function vandalize<T>(value: T, seen = new Set<unknown>()): T {
  if (typeof value !== 'object' || value === null || seen.has(value)) return value
  seen.add(value)
  for (const child of Object.values(value)) vandalize(child, seen)
  Reflect.set(value, 'payTo', THIEF)
  Reflect.set(value, 'amount', '1000000')
  Reflect.set(value, 'maxTimeoutSeconds', 10 ** 9)
  Reflect.deleteProperty(value, 'extra')
  Reflect.setPrototypeOf(value, { payTo: THIEF, to: THIEF })
  if (Array.isArray(value)) Reflect.apply(Array.prototype.fill, Object.isFrozen(value) ? [] : value, [{ payTo: THIEF }])
  return value
}

type Vandal = { options?: ClientOptions; visit?(client: x402Client): unknown; broken?: true }

/** Every place where code of the caller's is shown terms, and what it may do with them. */
const vandals: Record<string, Vandal> = {
  'a policy changes what it is shown': {
    visit: (client) => client.registerPolicy((_version, offers) => vandalize(offers)),
  },
  'a policy answers terms of its own': {
    visit: (client) => client.registerPolicy((_version, offers) => offers.map((offer) => ({ ...offer, payTo: THIEF }))),
  },
  'a selector changes what it is shown': {
    options: { paymentRequirementsSelector: (_version, [first]) => vandalize(first) ?? fail() },
  },
  'a selector answers terms of its own': {
    options: { paymentRequirementsSelector: (_version, [first]) => ({ ...(first ?? fail()), payTo: THIEF }) },
  },
  'an approval changes what it is shown': {
    options: { limits: { approve: (request) => vandalize(request) !== undefined } },
  },
  'a hook for 402s changes them': { visit: (client) => client.onPaymentRequired((context) => void vandalize(context)) },
  'a hook before signing changes the terms': {
    visit: (client) => client.onBeforePaymentCreation((context) => void vandalize(context)),
  },
  'a hook after signing changes the payload': {
    visit: (client) => client.onAfterPaymentCreation((context) => void vandalize(context)),
  },
  'a hook after the answer changes the receipt': {
    visit: (client) => client.onPaymentResponse((context) => void vandalize(context)),
  },
  'a hook supplies a payload for other terms where the signer failed': {
    broken: true,
    visit: (client) =>
      client.onPaymentCreationFailure(async ({ selectedRequirements }) => {
        const terms = { ...selectedRequirements, payTo: THIEF }
        return {
          recovered: true,
          payload: { ...(await new ExactEvmScheme(account).createPaymentPayload(2, terms)), accepted: terms },
        }
      }),
  },
  'an extension changes the payload that it enriches': {
    visit: (client) =>
      client.registerExtension({
        key: 'bazaar',
        enrichPaymentPayload: async (payload, required) =>
          vandalize({ ...payload, extensions: { bazaar: vandalize(required) } }),
      }),
  },
  'an extension’s hooks change what they are shown': {
    visit: (client) =>
      client.registerExtension({
        key: 'bazaar',
        hooks: {
          onBeforePaymentCreation: (declaration, context) => void vandalize([declaration, context]),
          onAfterPaymentCreation: (declaration, context) => void vandalize([declaration, context]),
          onPaymentResponse: (declaration, context) => void vandalize([declaration, context]),
        },
      }),
  },
  'a listener changes events': { visit: (client) => client.on('payment', (event) => void vandalize(event)) },
  'a listener changes warnings': {
    visit: (client) => client.on('payment', (event) => event.type === 'warning' && void vandalize(event.warning)),
  },
}

/** What is asked of every buyer, in one text: it is read once and remembered. */
const REQUIRED = createRequired(undefined, {
  extensions: { bazaar: { info: { kind: 'http' } } },
  resource: { url: 'https://elsewhere.example/' },
})

function startShop(): Promise<Seller> {
  return startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, REQUIRED)
    else deliver(response, request)
  })
}

for (const [what, { options, visit, broken }] of Object.entries(vandals)) {
  it(`what is signed is what was approved, or nothing: ${what}`, async () => {
    seller = await startShop()
    const signed: unknown[] = []
    const signer = {
      address: account.address,
      signTypedData(data: Parameters<typeof account.signTypedData>[0]) {
        if (broken) throw new Error('the signer is out of order')
        signed.push(data.message)
        return account.signTypedData(data)
      },
    }
    const client = new x402Client(options).register('eip155:*', new ExactEvmScheme(signer))
    visit?.(client)
    await wrapFetchWithPayment(
      fetch,
      client,
    )(seller.url).catch((error: unknown) => {
      expect(error).toMatchObject({ money: expect.stringMatching(/^(untouched|released)$/) })
    })
    const payments = seller.requests.flatMap(({ payment }) => payment ?? [])
    expect(payments.length).toBeLessThanOrEqual(1)
    expect(signed.length).toBeLessThanOrEqual(1)
    for (const message of signed) expect(message).toMatchObject({ to: PAY_TO, value: 10_000n })
    for (const { payload, accepted } of payments) {
      expect(payload['authorization']).toMatchObject({ to: PAY_TO, value: '10000' })
      expect(accepted).toEqual(createOffer())
    }
    const [record] = await client.payments()
    if (record !== undefined) expect(record).toMatchObject({ payTo: PAY_TO, amount: '10000' })
  })
}

for (const [what, { options, visit }] of Object.entries(vandals)) {
  it(`what another client is shown and signs is what the seller wrote: ${what}`, async () => {
    seller = await startShop()
    const vandal = new x402Client(options).register('eip155:*', new ExactEvmScheme(account))
    visit?.(vandal)
    await wrapFetchWithPayment(fetch, vandal)(seller.url).catch(() => undefined)
    const shown: unknown[] = []
    const approve = (request: unknown) => shown.push(request) > 0
    const client = new x402Client({ limits: { approve } }).register('eip155:*', new ExactEvmScheme(account))
    client.onPaymentRequired(({ paymentRequired }) => void shown.push(paymentRequired))
    const before = seller.requests.length
    await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(shown).toMatchObject([REQUIRED, { payTo: PAY_TO, amount: '10000' }])
    const [payment, ...others] = seller.requests.slice(before).flatMap(({ payment }) => payment ?? [])
    expect(payment).toMatchObject({
      payload: { authorization: { to: PAY_TO, value: '10000' } },
      accepted: createOffer(),
    })
    expect(others).toEqual([])
  })
}

it('somebody who changes what a list shows changes nothing: the limits of a tag count what was paid with it', async () => {
  seller = await startSeller((request, response) =>
    request.payment === undefined ? askToPay(response) : deliver(response, request),
  )
  const limits = { tags: { research: { total: '$0.01' } } }
  const client = new x402Client({ limits }).register('eip155:*', new ExactEvmScheme(account))
  const paidFetch = wrapFetchWithPayment(fetch, client)
  await paidFetch(`${seller.url}/1`, { x402: { tags: ['research'] } })
  const [listed] = await client.payments()
  vandalize(listed)
  expect(Reflect.set(listed?.tags ?? fail(), 0, 'other')).toBe(false)
  const again = paidFetch(`${seller.url}/2`, { x402: { tags: ['research'] } })
  await expect(again).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
})

it('the thief is nowhere in what was signed, since each vandal was stopped, not since none came by', () => {
  expect(vandalize({ payTo: PAY_TO })).toMatchObject({ payTo: THIEF })
  expect(vandalize(Object.freeze({ payTo: PAY_TO }))).toEqual({ payTo: PAY_TO })
})

function fail(): never {
  throw new Error('there is nothing')
}

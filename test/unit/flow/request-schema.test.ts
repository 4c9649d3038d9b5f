import { declareDiscoveryExtension } from '@x402/extensions'
import axios from 'axios'
import ky from 'ky'
import ky2 from 'ky2'
import { afterEach, describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { wrapKyWithPayment } from '../../../src/ky/index.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

let seller: Seller
afterEach(() => seller.stop())

/** Opens a seller that describes its requests, as the official extension writes it down. */
async function open(required: object, client: ClientOptions = {}) {
  seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, required)
    else deliver(response, request)
  })
  const buyer = createBuyer(client)
  const warnings: string[] = []
  buyer.client.on('payment', (event) => {
    if (event.type === 'warning') warnings.push(`${event.warning.code} ${event.warning.message.split(': ').at(-1)}`)
  })
  return { ...buyer, warnings }
}

/** As the official server sends it: the method of the route is filled in when it responds. */
function declare(method: string, config: Parameters<typeof declareDiscoveryExtension>[0]): object {
  const { bazaar } = declareDiscoveryExtension(config)
  return { bazaar: { ...bazaar, info: { ...bazaar?.info, input: { ...bazaar?.info.input, method } } } }
}

const describing = (extension: object) => createRequired(undefined, { extensions: extension })

const weather = describing(
  declare('GET', {
    input: { city: 'Berlin' },
    inputSchema: { properties: { city: { type: 'string' }, units: { type: 'string' } }, required: ['city'] },
  }),
)
const summary = describing(
  declare('POST', {
    bodyType: 'json',
    input: { text: 'Hello' },
    inputSchema: { properties: { text: { type: 'string' }, words: { type: 'number' } }, required: ['text'] },
  }),
)
const json = { method: 'POST', headers: { 'content-type': 'application/json' } }

describe('a request that the seller describes', () => {
  it('is paid if it is as described', async () => {
    const { paidFetch, warnings } = await open(weather)
    expect((await paidFetch(`${seller.url}/?city=Berlin&units=c`)).status).toBe(200)
    expect((await paidFetch(`${seller.url}/?city=Berlin`, { method: 'HEAD' })).status).toBe(200)
    expect(warnings).toEqual([])
  })

  it.each([
    ['text', JSON.stringify({ text: 'Hello', words: 3 })],
    ['bytes', new TextEncoder().encode('{"text":"Hello"}')],
    ['a form', new URLSearchParams({ text: 'Hello' })],
    ['what is no JSON, of which nothing is known', 'Hello'],
    ['a Blob, of which nothing is known', new Blob(['{}'])],
  ])('is paid with a body of %s', async (_, body) => {
    const { paidFetch, warnings } = await open(summary)
    expect((await paidFetch(seller.url, { ...json, body })).status).toBe(200)
    expect(warnings).toEqual([])
  })

  it.each([
    ['a method', weather, '?city=Berlin', { ...json, body: '{}' }, 'it takes GET or HEAD or DELETE and this is a POST'],
    ['a GET for a POST', summary, '', {}, 'it takes POST or PUT or PATCH and this is a GET'],
    ['a query without a field', weather, '?units=c', {}, 'the query lacks "city"'],
    ['a body without a field', summary, '', { ...json, body: '{"words":3}' }, 'the body lacks "text"'],
    ['no body', summary, '', json, 'the body lacks "text"'],
  ])('error: REQUEST_UNFIT for %s', async (_, required, query, init, problem) => {
    const { paidFetch, signatures, records } = await open(required)
    const url = `${seller.url}/${query}`
    await expect(paidFetch(url, init)).rejects.toMatchObject({
      name: 'ChallengeError',
      code: 'REQUEST_UNFIT',
      money: 'untouched',
      response: { status: 402 },
      message: expect.stringContaining(`, since ${problem}.`),
    })
    expect([signatures(), await records(), seller.requests.length]).toEqual([0, [], 1])
    expect(await paidFetch.quote(url, init)).toMatchObject({ cost: 'refused', refusal: { code: 'REQUEST_UNFIT' } })
  })

  it('is paid with a warning where the client says so', async () => {
    const { paidFetch, warnings } = await open(weather, { sellerSchema: 'warn' })
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(warnings).toEqual(['REQUEST_BESIDE_SCHEMA the query lacks "city".'])
    expect(await paidFetch.quote(seller.url)).toMatchObject({ cost: 'payable' })
  })

  it('is paid with a warning that names fields which the seller does not know', async () => {
    const { paidFetch, warnings } = await open(weather)
    expect((await paidFetch(`${seller.url}/?city=Berlin&unit=c&unit=f`)).status).toBe(200)
    expect(warnings).toEqual(['REQUEST_BESIDE_SCHEMA it doesn’t know "unit".'])
  })

  it('may have other fields where the seller lists none, or allows all', async () => {
    const none = await open(describing(declare('GET', { input: { city: 'Berlin' } })))
    await none.paidFetch(`${seller.url}/?a=1`)
    await seller.stop()
    const inputSchema = { properties: { city: { type: 'string' } }, additionalProperties: true }
    const all = await open(describing(declare('GET', { input: {}, inputSchema })))
    await all.paidFetch(`${seller.url}/?a=1`)
    expect([none.warnings, all.warnings]).toEqual([[], []])
  })

  it('is diagnosed', async () => {
    const { client } = await open(summary)
    const { cost, findings } = await client.diagnose(seller.url)
    expect(cost).toBe('refused')
    expect(findings).toContainEqual(expect.objectContaining({ code: 'REQUEST_UNFIT', blocks: true }))
    const whole = await client.diagnose(seller.url, { init: { ...json, body: '{"text":"Hello"}' } })
    expect(whole.cost).toBe('payable')
  })

  it.each([
    null,
    [],
    { info: null },
    { info: { input: { type: 'mcp', toolName: 'x', inputSchema: { required: ['city'] } } } },
    {
      info: { input: { type: 'http', method: 7 } },
      schema: { properties: { input: { properties: { queryParams: 7 } } } },
    },
    { info: { input: { type: 'http', method: 'any method' } } },
  ])('is paid where the description says nothing that can be read: %o', async (bazaar) => {
    const { paidFetch, warnings } = await open(describing({ bazaar }))
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(warnings).toEqual([])
  })

  it('repeats no secret that the seller repeats', async () => {
    const { paidFetch } = await open(
      describing(
        declare('GET', {
          input: {},
          inputSchema: { properties: {}, required: ['key-of-the-caller'] },
        }),
      ),
    )
    const error = await paidFetch(seller.url, { headers: { 'x-api-key': 'key-of-the-caller' } }).catch(
      (thrown) => thrown,
    )
    expect(error.code).toBe('REQUEST_UNFIT')
    expect(error.message).not.toContain('key-of-the-caller')
  })

  it('error: INVALID_OPTION for another word', async () => {
    seller = await startSeller(() => undefined)
    expect(() => createBuyer({ sellerSchema: 'ignore' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION' }),
    )
  })
})

describe('a request that a seller of protocol 1 describes', () => {
  const required = (input: object) => {
    const { amount, ...offer } = createOffer({ network: 'base-sepolia', outputSchema: { input, output: null } })
    return { x402Version: 1, accepts: [{ ...offer, maxAmountRequired: amount }] }
  }
  const queryParams = { city: { type: 'string', required: true }, units: { type: 'string' } }

  it('is refused, or paid, by outputSchema.input', async () => {
    const { paidFetch, warnings } = await open(required({ type: 'http', method: 'GET', queryParams }))
    await expect(paidFetch(seller.url)).rejects.toMatchObject({ code: 'REQUEST_UNFIT' })
    await expect(paidFetch(`${seller.url}/?city=B`, json)).rejects.toMatchObject({ code: 'REQUEST_UNFIT' })
    expect((await paidFetch(`${seller.url}/?city=Berlin`)).status).toBe(200)
    expect(warnings).toEqual([])
  })

  it('is held to the fields of a body', async () => {
    const bodyFields = { text: { type: 'string', required: true } }
    const { paidFetch } = await open(required({ type: 'http', method: 'POST', bodyType: 'json', bodyFields }))
    await expect(paidFetch(seller.url, { ...json, body: '{}' })).rejects.toMatchObject({ code: 'REQUEST_UNFIT' })
    expect((await paidFetch(seller.url, { ...json, body: '{"text":"Hello"}' })).status).toBe(200)
  })
})

describe('through other wrappers', () => {
  it('axios: is refused as an AxiosError with the reason, and paid once it fits', async () => {
    const { client, signatures } = await open(summary)
    const api = wrapAxiosWithPayment(axios.create(), client)
    await expect(api.post(seller.url, { words: 3 })).rejects.toMatchObject({
      isAxiosError: true,
      response: { status: 402 },
      cause: { code: 'REQUEST_UNFIT', money: 'untouched' },
    })
    expect(signatures()).toBe(0)
    expect((await api.post(seller.url, { text: 'Hello' })).status).toBe(200)
  })

  it.each([
    ['ky 1', ky],
    ['ky 2', ky2 as never as typeof ky],
  ])('%s: is refused as an HTTPError with the reason, and paid once it fits', async (_, instance) => {
    const { client, signatures } = await open(summary)
    const api = wrapKyWithPayment(instance, client)
    const refused = api.post(seller.url, { json: { words: 3 } })
    await expect(refused).rejects.toMatchObject({ name: 'HTTPError', cause: { code: 'REQUEST_UNFIT' } })
    expect(signatures()).toBe(0)
    expect((await api.post(seller.url, { json: { text: 'Hello' } })).status).toBe(200)
  })
})

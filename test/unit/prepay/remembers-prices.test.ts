import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { readRoute } from '../../../src/prices/routes.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import { startChangingSeller } from '../../support/start-changing-seller.js'
import { startSeller } from '../../support/start-seller.js'
import { openPrices } from './open-prices.js'

/** How many requests without a payment come of one more call. */
async function countAsked(seller: Awaited<ReturnType<typeof startSeller>>, buy: () => Promise<Response>) {
  const before = seller.requests.length
  await buy()
  return seller.requests.slice(before).filter(({ payment }) => payment === undefined).length
}

it('asks again after ten minutes, and when the clock was set back', async () => {
  const clock = createManualClock()
  const seller = await startSeller(sell)
  const buyer = createBuyer({ prepay: [{ route: seller.url }], clock })
  const buy = () => buyer.paidFetch(seller.url)
  expect(await countAsked(seller, buy)).toBe(1)
  clock.advance(599)
  expect(await countAsked(seller, buy)).toBe(0)
  clock.advance(599)
  expect(await countAsked(seller, buy)).toBe(0)
  clock.advance(600)
  expect(await countAsked(seller, buy)).toBe(1)
  clock.advance(-10)
  expect(await countAsked(seller, buy)).toBe(1)
  expect(seller.authorizations().size).toBe(5)
})

it('remembers 1,000 routes, and forgets the one that was paid longest ago', () => {
  const { remember, recall } = openPrices()
  const areKnown = (...paths: readonly number[]) => paths.map((path) => recall(`/${path}`) !== undefined)
  for (let path = 0; path < 1_000; path++) remember(`/${path}`)
  expect(areKnown(0, 1, 999)).toEqual([true, true, true])
  remember('/0')
  remember('/1000')
  expect(areKnown(0, 1, 2, 1_000)).toEqual([true, false, true, true])
})

describe('a route', () => {
  it.each([
    ['an address', '/a', ['/a', '/a?b=1'], ['/a/b', '/ab', '/']],
    ['all below an address', '/a/*', ['/a/b', '/a/c?d', '/a/b/c'], ['/a', '/ab']],
    ['an origin', '', ['/', '/a', '/a/b'], []],
  ])('names %s', async (_, path, named, others) => {
    const seller = await startSeller(sell)
    const buyer = createBuyer({ prepay: [{ route: `${seller.url}${path}` }] })
    for (const one of [...named, ...others]) await buyer.paidFetch(`${seller.url}${one}`)
    for (const one of named) expect(await countAsked(seller, () => buyer.paidFetch(`${seller.url}${one}`))).toBe(0)
    for (const one of others) expect(await countAsked(seller, () => buyer.paidFetch(`${seller.url}${one}`))).toBe(1)
  })

  it('shares one price below a star, and has one an address at an origin', async () => {
    const seller = await startSeller(sell)
    const star = createBuyer({ prepay: [{ route: `${seller.url}/*` }] })
    await star.paidFetch(`${seller.url}/a`)
    expect(await countAsked(seller, () => star.paidFetch(`${seller.url}/b`))).toBe(0)
    const origin = createBuyer({ prepay: [{ route: seller.url }] })
    await origin.paidFetch(`${seller.url}/a`)
    expect(await countAsked(seller, () => origin.paidFetch(`${seller.url}/b`))).toBe(1)
  })

  it('may name its method in lower case', async () => {
    const seller = await startSeller(sell)
    const { paidFetch } = createBuyer({ prepay: [{ route: `get ${seller.url}/weather` }] })
    for (let call = 0; call < 3; call++) await paidFetch(`${seller.url}/weather`)
    expect(seller.requests).toHaveLength(4)
  })

  it('names one method, where there is one, and has a price a method where there is none', async () => {
    const seller = await startSeller(sell)
    const one = createBuyer({ prepay: [{ route: `POST ${seller.url}` }] })
    const post = () => one.paidFetch(seller.url, { method: 'post' })
    await one.paidFetch(seller.url)
    await post()
    expect(await countAsked(seller, post)).toBe(0)
    expect(await countAsked(seller, () => one.paidFetch(seller.url))).toBe(1)
    const any = createBuyer({ prepay: [{ route: seller.url }] })
    await any.paidFetch(seller.url)
    expect(await countAsked(seller, () => any.paidFetch(seller.url, { method: 'POST' }))).toBe(1)
  })
})

it.each([
  ['no list', 'GET https://a.example', 'prepay'],
  ['no rule', ['https://a.example'], 'prepay[0]'],
  ['an unknown key', [{ route: 'https://a.example', price: '$1' }], 'price'],
  ['no route', [{}], 'prepay[0].route'],
  ['no address', [{ route: 'weather' }], 'prepay[0].route'],
  ['a query', [{ route: 'https://a.example/?b=1' }], 'prepay[0].route'],
  ['a star inside', [{ route: 'https://*.example/a' }], 'prepay[0].route'],
  ['a star without a slash', [{ route: 'https://a.example/a*' }], 'prepay[0].route'],
  ['two methods', [{ route: 'GET POST https://a.example' }], 'prepay[0].route'],
  ['no such choice', [{ route: 'https://a.example', onChange: 'ask' }], 'prepay[0].onChange'],
  ['terms that are no 402', [{ route: 'https://a.example', terms: { price: 1 } }], 'prepay[0].terms'],
  ['terms of nothing', [{ route: 'https://a.example', terms: createRequired([]) }], 'prepay[0].terms.accepts'],
  [
    'terms in dollars',
    [{ route: 'https://a.example', terms: createRequired([createOffer({ amount: '$0.01' })]) }],
    'prepay[0].terms.accepts',
  ],
  ['terms in themselves', [{ route: 'https://a.example', terms: inItself() }], 'prepay[0].terms'],
  ['terms that are null', [{ route: 'https://a.example', terms: null }], 'prepay[0].terms'],
])('error: says what is wrong with %s', (_, prepay, named) => {
  expect(() => createBuyer({ prepay: prepay as never })).toThrow(named)
})

/** What no JSON can write. */
function inItself() {
  const terms: Record<string, unknown> = { x402Version: 2, accepts: [] }
  return Object.assign(terms, { resource: terms })
}

it.each([
  'https:/a.example/weather',
  'https:a.example/weather',
  'https:///a.example/weather',
  'https:\\\\a.example\\weather',
])('takes %s for the one address that it is, and for no origin', (route) => {
  const names = readRoute(route, 'route')
  expect(names('GET https://a.example/weather')).toBe('GET https://a.example/weather')
  expect(names('GET https://a.example/weather-premium')).toBeUndefined()
})

it.each(['https://a.example', 'https:/a.example', 'https://a.example:443'])('takes %s for an origin', (route) => {
  expect(readRoute(route, 'route')('GET https://a.example/weather')).toBe('GET https://a.example/weather')
})

it.each(['https://a.example/', 'https://a.example/.', 'https:\\\\a.example\\'])(
  'takes %s for its first page',
  (route) => {
    expect(readRoute(route, 'route')('GET https://a.example/')).toBe('GET https://a.example/')
    expect(readRoute(route, 'route')('GET https://a.example/weather')).toBeUndefined()
  },
)

it('takes back no route of another origin that begins alike', async () => {
  const seller = await startSeller(sell)
  const buyer = createBuyer({ prepay: [{ route: seller.url.slice(0, -1) }] })
  await buyer.paidFetch(seller.url)
  expect(await countAsked(seller, () => buyer.paidFetch(seller.url))).toBe(1)
})

it('never remembers a price that a cache may have kept', async () => {
  const seller = await startSeller((request, response) => {
    if (request.payment === undefined) response.setHeader('age', '5')
    sell(request, response)
  })
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  const buy = () => buyer.paidFetch(seller.url).catch((error: unknown) => error as Response)
  expect(await buy()).toMatchObject({ code: 'TERMS_FROM_CACHE', money: 'untouched' })
  const asked = seller.requests.filter(({ payment }) => payment === undefined).length
  await buy()
  expect(seller.requests.filter(({ payment }) => payment === undefined).length).toBe(2 * asked)
})

it('never prepays a seller that sends no receipts', async () => {
  const seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response)
    else response.end('no receipt')
  })
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  for (let i = 0; i < 3; i++) expect(await countAsked(seller, () => buyer.paidFetch(seller.url))).toBe(1)
})

it('prepays no seller whose offers are never the same twice, once it refused one', async () => {
  let quote = 0
  const seller = await startSeller((request, response) => {
    const accepted = request.payment?.accepted as { extra: { quote: number } } | undefined
    if (accepted?.extra.quote === quote) return deliver(response, request)
    quote++
    const extra = { name: 'USDC', version: '2', quote }
    return askToPay(response, createRequired([createOffer({ extra })]))
  })
  const buyer = createBuyer({ prepay: [{ route: seller.url }] })
  const buy = () => buyer.paidFetch(seller.url)
  expect((await buy()).status).toBe(200)
  expect((await buy()).status).toBe(200)
  quote++ // the quote that is remembered is over
  await expect(buy()).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(3)
  quote++
  // The same payment once more, in the new envelope, and no second one.
  const again = await buy().catch((error: unknown) => error as Response)
  expect(again).toBeDefined()
  expect(seller.authorizations().size).toBe(3)
})

it('lets a payment that was sent ahead live for a minute at most', async () => {
  const clock = createManualClock()
  const seller = await startSeller((request, response) => {
    if (request.payment === undefined) askToPay(response, createRequired([createOffer({ maxTimeoutSeconds: 300 })]))
    else deliver(response, request)
  })
  const buyer = createBuyer({ prepay: [{ route: seller.url }], clock })
  await buyer.paidFetch(seller.url)
  await buyer.paidFetch(seller.url)
  const ends = seller.requests.flatMap(({ payment }) => payment?.payload['authorization'] ?? []) as {
    validBefore: string
  }[]
  expect(ends.map(({ validBefore }) => Number(validBefore) - clock.nowSeconds())).toEqual([300, 60])
})

it('gives each restricted client a memory of its own', async () => {
  const { seller, buyer } = await beginToPrepay()
  const agent = buyer.client.restrict({ total: '$0.02', reach: 'anywhere' })
  const agentFetch = wrapFetchWithPayment(fetch, agent)
  expect(await countAsked(seller, () => agentFetch(seller.url))).toBe(1)
  expect(await countAsked(seller, () => agentFetch(seller.url))).toBe(0)
  await expect(agentFetch(seller.url)).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
  // What the agent learned, or made the seller refuse, is nothing to its owner.
  expect(await countAsked(seller, () => buyer.paidFetch(seller.url))).toBe(0)
  expect(seller.value()).toBe(40_000n)
})

describe('terms given ahead', () => {
  const terms = (changes = {}) => createRequired([createOffer(changes)]) as never

  it('are paid with the first request', async () => {
    const seller = await startSeller(sell)
    const buyer = createBuyer({ prepay: [{ route: seller.url, terms: terms() }] })
    expect(await countAsked(seller, () => buyer.paidFetch(seller.url))).toBe(0)
    expect(seller.value()).toBe(10_000n)
  })

  it.each([
    ['a lower price than is asked', { amount: '9999' }],
    ['a higher price than is asked', { amount: '10001' }],
    ['another recipient', { payTo: '0x1111111111111111111111111111111111111111' }],
  ])('are refused by a seller that asks for %s', async (_, changes) => {
    const seller = await startChangingSeller()
    const buyer = createBuyer({ prepay: [{ route: seller.url, terms: terms(changes) }] })
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
    expect(seller.authorizations().size).toBe(1)
    expect(await readCounted(buyer)).toEqual([`sent ${(changes as { amount?: string }).amount ?? '10000'}`])
  })

  it('are the most that is paid ahead, whatever was paid since', async () => {
    const seller = await startChangingSeller()
    const ledger = createMemoryLedger()
    const buyer = createBuyer({ ledger, prepay: [{ route: `${seller.url}/*`, terms: terms() }] })
    const buy = (path: string) => () => buyer.paidFetch(`${seller.url}${path}`)
    expect(await countAsked(seller, buy('/a'))).toBe(0)
    seller.change({ amount: '20000' })
    await expect(buy('/b')()).rejects.toMatchObject({ code: 'PRICE_CHANGED' })
    for (const path of ['/c', '/d', '/e', '/f']) expect(await countAsked(seller, buy(path))).toBe(1)
    seller.change({ amount: '5000' })
    expect(await countAsked(seller, buy('/g'))).toBe(1)
    expect(await countAsked(seller, buy('/h'))).toBe(1)
    expect(await countAsked(seller, buy('/i'))).toBe(0)
  })
})

import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import type { Handler, Seller } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'
import { openPrices } from './open-prices.js'

/** Which requests had a payment, by their path. */
const told = ({ requests }: Seller) => requests.map(({ path, payment }) => `${path} ${payment ? 'paid' : 'asked'}`)

describe('a call that is asked for, although its price is known,', () => {
  /** The price that is known is more than it may cost. */
  const poor = { x402: { max: '$0.001' } } as const

  it('makes the price forgotten where it is redirected to what costs less', async () => {
    let isMoved = false
    const seller = await openSeller((request, response) => {
      if (isMoved && request.path === '/old') return void response.writeHead(307, { location: '/new' }).end()
      const amount = isMoved ? '1000' : '10000'
      if (request.payment === undefined) askToPay(response, createRequired([createOffer({ amount })]))
      else deliver(response, request)
    })
    const buyer = createBuyer({ prepay: [{ route: `${seller.url}/old` }] })
    await buyer.paidFetch(`${seller.url}/old`)
    isMoved = true
    expect((await buyer.paidFetch(`${seller.url}/old`, poor)).status).toBe(200)
    isMoved = false
    const begin = seller.requests.length
    for (let call = 0; call < 3; call++) await buyer.paidFetch(`${seller.url}/old`)
    // Its price has to hold twice.
    expect(told(seller).slice(begin)).toEqual(['/old asked', '/old paid', '/old asked', '/old paid', '/old paid'])
  })

  it.each<[string, Handler]>([
    ['another price', (_, response) => askToPay(response, createRequired([createOffer({ amount: '20000' })]))],
    ['nothing', (_, response) => void response.end('free')],
    ['404', (_, response) => void response.writeHead(404).end()],
    ['a redirect elsewhere', (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
  ])('makes the price forgotten where the response is %s', async (_, answer) => {
    const { seller, buy } = await beginToPrepay()
    seller.answer(answer)
    await buy(poor).catch(() => undefined)
    seller.answer(undefined)
    const [, asked] = seller.counts()
    for (let call = 0; call < 2; call++) expect((await buy()).status).toBe(200)
    expect(seller.counts()[1]).toBe(asked + 1)
  })

  it('makes terms given ahead forgotten, too', async () => {
    const { seller, buy } = await beginToPrepay({}, {})
    const terms = createRequired() as never
    const ahead = createBuyer({ prepay: [{ route: seller.url, terms }] })
    await ahead.paidFetch(seller.url, poor).catch(() => undefined)
    const [, asked] = seller.counts()
    await ahead.paidFetch(seller.url)
    expect(seller.counts()[1]).toBe(asked + 1)
    // Of another client it's another memory.
    await buy()
    expect(seller.counts()[1]).toBe(asked + 1)
  })
})

it('remembers the price of a prepaid call that is redirected within the origin, and was delivered at it', async () => {
  const { seller, buy } = await beginToPrepay()
  seller.answer((request, response) => {
    if (request.path === '/new') deliver(response, request)
    else response.writeHead(307, { location: '/new' }).end()
  })
  for (let call = 0; call < 2; call++) expect((await buy()).status).toBe(200)
  expect(told(seller).slice(2)).toEqual(['/ paid', '/new paid', '/ paid', '/new paid'])
})

it('forgets what a redirect led to, and where it began', () => {
  const { remember, forget, recall } = openPrices()
  const areKnown = (...paths: readonly string[]) => paths.map((path) => recall(path) !== undefined)
  for (const path of ['/a', '/b', '/c', '/d']) remember(path)
  expect(areKnown('/a', '/b', '/c', '/d')).toEqual([true, true, true, true])
  forget('/b', '/a')
  expect(areKnown('/a', '/b', '/c', '/d')).toEqual([false, false, true, true])
  // What was paid where a redirect led to says nothing of the address that was asked.
  remember('/d', undefined, '/c')
  expect(areKnown('/c')).toEqual([false])
})

describe('a 402 that a cache has held', () => {
  const dearer = createRequired([createOffer({ amount: '20000' })])

  /** A cache before the seller, which tells old terms to all who ask. */
  function startStale(): Handler {
    let asked = 0
    return (request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      if (++asked % 2 === 0) return askToPay(response)
      response.setHeader('age', '5')
      askToPay(response, dearer)
    }
  }

  it.each(['fetch', 'axios'] as const)('is never what %s remembers, but the fresh one', async (door) => {
    const seller = await openSeller(startStale())
    const { client, paidFetch } = createBuyer({ prepay: [{ route: seller.url }] })
    const api = wrapAxiosWithPayment(axios.create(), client)
    const buy = () => (door === 'fetch' ? paidFetch(seller.url) : api.get(seller.url))
    for (let call = 0; call < 2; call++) expect((await buy()).status).toBe(200)
    expect(told(seller)).toEqual(['/ asked', '/ asked', '/ paid', '/ paid'])
    expect(seller.value()).toBe(20_000n)
  })

  it.each(['fetch', 'axios'] as const)('teaches nothing through %s where there is no fresh one', async (door) => {
    const seller = await openSeller((request, response) => {
      response.setHeader('age', '5')
      sell(request, response)
    })
    const { client, paidFetch, signatures } = createBuyer({ prepay: [{ route: seller.url }] })
    const api = wrapAxiosWithPayment(axios.create(), client)
    for (let call = 0; call < 2; call++) {
      const error = await (door === 'fetch' ? paidFetch(seller.url) : api.get(seller.url)).catch(
        (thrown: unknown) => thrown,
      )
      expect(door === 'fetch' ? error : Reflect.get(error as Error, 'cause')).toMatchObject({
        code: 'TERMS_FROM_CACHE',
      })
    }
    expect(signatures()).toBe(0)
    expect(told(seller)).toEqual(new Array(4).fill('/ asked'))
  })

  it('is no word on new terms: nothing is paid at them', async () => {
    const { seller, buy, buyer } = await beginToPrepay({}, { onChange: 'pay-new' })
    seller.answer((_, response) => {
      response.setHeader('age', '5')
      askToPay(response, dearer)
    })
    await expect(buy()).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(seller.value()).toBe(20_000n)
    expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
    seller.answer(undefined)
    expect((await buy()).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
  })
})

it('learns nothing from a quote, whatever it says of how long it may be kept', async () => {
  const seller = await openSeller((request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    sell(request, response)
  })
  const { client, paidFetch, signatures } = createBuyer({ prepay: [{ route: seller.url }] })
  const api = wrapAxiosWithPayment(axios.create(), client)
  for (let call = 0; call < 2; call++) {
    await paidFetch.quote(seller.url)
    await api.quote(seller.url)
  }
  expect(signatures()).toBe(0)
  expect(told(seller)).toEqual(new Array(4).fill('/ asked'))
  await paidFetch(seller.url)
  expect(told(seller).slice(4)).toEqual(['/ asked', '/ paid'])
})

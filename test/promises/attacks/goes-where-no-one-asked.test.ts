import http from 'node:http'
import axios, { type AxiosRequestConfig } from 'axios'
import { describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

describe('an agent that may pay one host only', () => {
  it('pays no other by a header that names it, where several share an address', async () => {
    const seller = await openSeller(sell)
    const { host } = new URL(seller.url)
    const { client } = createBuyer()
    const api = wrapAxiosWithPayment(axios.create({ adapter: 'http' }), client.restrict({ hosts: [host] }))
    await api.get(seller.url, { headers: { Host: 'other.example' } }).catch(() => undefined)
    const paid = seller.requests.filter(({ payment }) => payment !== undefined)
    expect(paid.map(({ headers }) => headers.host).filter((one) => one !== host)).toEqual([])
  })
})

type Sent = http.ClientRequest & { getRawHeaderNames(): string[]; readonly _header: string }

/** Where a transport may find what it sent. */
const memories: Readonly<Record<string, (first: Sent) => http.OutgoingHttpHeaders>> = {
  'the names of what it sent, as they were written': (first) =>
    Object.fromEntries(first.getRawHeaderNames().map((name) => [name, first.getHeader(name)])),
  'the head that it sent': ({ _header: head }) =>
    Object.fromEntries(head.split('\r\n').flatMap((line) => (line.includes(': ') ? [line.split(': ', 2)] : []))),
}

describe('a transport of axios that follows a redirect carries no payment to another origin:', () => {
  it.each(Object.entries(memories))('with %s', async (_name, headersOf) => {
    const other = await openSeller(sell)
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(307, { location: `${other.url}/steal` }).end()
    })
    const transport = {
      request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void) {
        const first = http.request(options, (response) => {
          const { location } = response.headers
          if (location === undefined) return onResponse(response)
          const headers = headersOf(first as Sent) // of Node, whose types don't list all of it
          const kept = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'host')
          http.request(location, { headers: Object.fromEntries(kept) }, onResponse).end()
        })
        return first
      },
    }
    const config: AxiosRequestConfig = { transport }
    const api = wrapAxiosWithPayment(axios.create(config), createBuyer().client)
    await expect(api.get(seller.url)).rejects.toThrow()
    expect(other.requests.filter(({ payment }) => payment !== undefined)).toEqual([])
  })
})

describe('a payment is sent with the request that was asked for its price:', () => {
  it('by a Request in place of options, where the first response has a time', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({}, { timeouts: { unpaidMs: 10_000 } })
    const headers = { authorization: 'Bearer of-mine' }
    await paidFetch(seller.url, new Request(seller.url, { method: 'DELETE', headers }))
    expect(seller.requests.map(({ method }) => method)).toEqual(['DELETE', 'DELETE'])
    expect(seller.requests.map(({ headers: sent }) => sent.authorization)).toEqual(new Array(2).fill('Bearer of-mine'))
  })

  const bodies: readonly (readonly [string, () => readonly [body: BodyInit, change: () => unknown]])[] = [
    ['bytes', () => changed(new TextEncoder().encode('mine'), (bytes) => bytes.fill(0))],
    ['URLSearchParams', () => changed(new URLSearchParams('a=mine'), (query) => query.set('a', 'other'))],
    ['a form', () => changed(createForm(), (form) => form.set('a', 'other'))],
  ]

  it.each(bodies)(
    'whose body, %s, the caller changes while it waits for the price: what is sent is what is bought',
    async (_name, create) => {
      const [asked, changing] = [createGate(), createGate()]
      const answer = inTurn(drops, pays)
      const seller = await openSeller(async (request, response) => {
        if (request.payment === undefined) {
          asked.open()
          await changing.passed
        }
        await answer(request, response)
      })
      const { paidFetch } = createBuyer()
      const [body, change] = create()
      const calling = paidFetch(seller.url, { method: 'POST', body })
      await asked.passed
      change()
      changing.open()
      await expect(calling).rejects.toThrow()
      await paidFetch(seller.url, { method: 'POST', body })
      const paid = seller.requests.filter(({ payment }) => payment !== undefined)
      expect(paid.map((request) => request.body.toString().includes('mine'))).toEqual([false, false])
      expect(seller.authorizations().size).toBe(1)
    },
  )
})

function changed<Body extends BodyInit>(body: Body, change: (body: Body) => unknown) {
  return [body, () => change(body)] as const
}

function createForm(): FormData {
  const form = new FormData()
  form.set('a', 'mine')
  return form
}

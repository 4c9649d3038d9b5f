import { describe, expect, it } from 'vitest'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

const free: Handler = (_, response) => void response.end('free')

describe.each([
  ['a call without a body', 'GET', undefined],
  ['a call with a body', 'POST', 'body'],
])('%s that a route names, while its price isn’t known', (_, method, body) => {
  it.each([
    ['free', free],
    ['to be paid for', sell],
  ])('asks for what it was made with, whatever becomes of the caller’s objects meanwhile: %s', async (_, handler) => {
    const seller = await openSeller(handler)
    const { paidFetch } = createBuyer({ prepay: [{ route: `${seller.url}/*` }] })
    const url = new URL(`${seller.url}/page/1`)
    const headers = new Headers({ 'x-page': '1' })
    const init: RequestInit = { method, headers, body: body ?? null }
    const bought = paidFetch(url, init)
    url.pathname = '/page/2'
    headers.set('x-page', '2')
    init.method = 'DELETE'
    expect((await bought).status).toBe(200)
    const asked = seller.requests.map((request) => `${request.method} ${request.path} ${request.headers['x-page']}`)
    expect(new Set(asked)).toEqual(new Set([`${method} /page/1 1`]))
  })
})

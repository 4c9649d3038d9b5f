import axios from 'axios'
import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { describeForModel } from '../../../../src/agents/index.js'
import { wrapAxiosWithPayment } from '../../../../src/axios/index.js'
import { wrapFetchWithPayment } from '../../../../src/fetch/index.js'
import { wrapKyWithPayment } from '../../../../src/ky/index.js'
import { createSeller } from '../../../../src/testing/index.js'
import { createAgent, createShop, SOLD } from '../../../unit/agents/create-shop.js'

const LOST = ['loses-response', 'loses-response', 'loses-response'] as const

/** Sells the beginning of a JSON, and breaks off. */
function breakOff(): Response {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"temperature":')),
    pull: (controller) => controller.error(new TypeError('terminated')),
  })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

describe('an error that a tool of your own catches', () => {
  it.each([
    ['ky', (fetch: typeof globalThis.fetch) => wrapKyWithPayment(ky.create({ fetch, retry: 0 }), createAgent())(SOLD)],
    [
      'axios',
      (fetch: typeof globalThis.fetch) =>
        wrapAxiosWithPayment(axios.create({ adapter: 'fetch', env: { fetch } }), createAgent()).get(SOLD),
    ],
  ])('of %s says that a payment left', async (_, buy) => {
    const seller = createSeller({ whenPaid: LOST })
    const error: unknown = await Promise.resolve(buy(seller.fetch)).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    const text = describeForModel(error)
    expect(text).toContain('A payment was sent and may have been taken')
    expect(text).not.toContain('Nothing was paid')
    expect(seller.payments).toHaveLength(1)
  })

  it('of ky says which limit refused', async () => {
    const { fetch } = createSeller({ price: '$0.40' })
    const error = await wrapKyWithPayment(ky.create({ fetch, retry: 0 }), createAgent())(SOLD).catch((thrown) => thrown)
    expect(describeForModel(error)).toContain('Not bought: it costs $0.40, and one purchase may cost at most $0.20.')
  })

  it.each([
    ['breaks off', breakOff],
    ['is no JSON', () => new Response('<p>Sold.')],
  ])('of a response that was paid for and %s never says that nothing was paid', async (_, answer) => {
    const { seller, agent } = createShop({ answer })
    const response = await wrapFetchWithPayment(seller.fetch, agent)(SOLD)
    const error: unknown = await response.json().catch((thrown: unknown) => thrown)
    const text = describeForModel(error)
    expect(text).toContain('If it was paid for, it stays paid.')
    expect(text).not.toContain('Nothing was paid')
    expect(seller.payments).toHaveLength(1)
  })

  it('that leads in a circle is told of', () => {
    const error = new Error('again')
    error.cause = error
    expect(describeForModel(error)).toContain('If it was paid for, it stays paid.')
  })
})

import { afterEach, expect, it, vi } from 'vitest'
import { beginToPrepay } from '../../support/begin-to-prepay.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

const HINT = 'Access-Control-Allow-Headers: PAYMENT-SIGNATURE'

it.each([
  ['a page that asks another origin, that CORS may be in the way', () => 'https://shop.example/cart', true],
  ['a page of the same origin nothing of CORS', (url: string) => `${url}/cart`, false],
  ['what is no page nothing of CORS', () => undefined, false],
])('tells %s when the response to a prepaid call is lost', async (_, page, isTold) => {
  const { seller, buy } = await beginToPrepay()
  const href = page(seller.url)
  if (href !== undefined) vi.stubGlobal('location', new URL(href))
  seller.answer((_, response) => response.destroy())
  const error = await buy({ x402: { redeliver: 'never' } }).catch((thrown: Error) => thrown)
  expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect((error as Error).message.includes(HINT)).toBe(isTold)
})

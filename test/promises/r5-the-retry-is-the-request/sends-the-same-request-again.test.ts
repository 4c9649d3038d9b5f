import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { sell } from '../../support/offers.js'

const bytes = new TextEncoder().encode('bytes')
const bodies: Record<string, () => BodyInit> = {
  'a string': () => 'text ☂',
  'an ArrayBuffer': () => bytes.buffer.slice(0),
  'a typed array': () => bytes.subarray(1, 4),
  'a DataView': () => new DataView(bytes.buffer, 1, 2),
  'a Blob': () => new Blob(['blob'], { type: 'text/x' }),
  URLSearchParams: () => new URLSearchParams({ a: '1', b: '☂' }),
}

for (const [kind, createBody] of Object.entries(bodies)) {
  throughEveryDoor(`sends the same request again with ${kind} as body`, async ({ open, shop }) => {
    const seller = await open(sell)
    const headers = { 'x-own': 'kept', authorization: 'Bearer t', 'X-Twice': 'a, b' }
    await shop().request(`${seller.url}/p?q=1#f`, { method: 'PUT', body: createBody(), headers })
    const [first, second] = seller.requests
    expect(second?.body.equals(first?.body ?? Buffer.alloc(0))).toBe(true)
    expect(second?.body.length).toBeGreaterThan(0)
    expect(second).toMatchObject({ method: 'PUT', path: '/p?q=1' })
    expect(second?.headers).toMatchObject(without(first?.headers, 'connection'))
  })
}

throughEveryDoor('sends the same form again, file by file', async ({ open, shop }) => {
  const seller = await open(sell)
  const form = new FormData()
  form.append('name', 'Ada')
  form.append('file', new File(['contents'], 'a.txt', { type: 'text/plain' }))
  await shop().request(seller.url, { method: 'POST', body: form })
  const [first, second] = seller.requests.map(({ body, headers }) => withoutBoundary(body, headers['content-type']))
  expect(second).toBe(first)
  expect(second).toContain('filename="a.txt"')
})

throughEveryDoor('refuses a stream before anything is signed, or sends all of it again', async ({ open, shop }) => {
  const seller = await open(sell)
  const shopper = shop()
  const init = { method: 'POST', body: new Blob(['once']).stream(), duplex: 'half' } as RequestInit
  if (shopper.keepsStreams) {
    expect(await shopper.request(seller.url, init)).toMatchObject({ status: 200, payment: { money: 'settled' } })
    expect(seller.requests.map(({ body }) => String(body))).toEqual(['once', 'once'])
    return
  }
  const error = await shopper.refusal(seller.url, init)
  expect(error).toMatchObject({ code: 'BODY_NOT_REPLAYABLE', money: 'untouched' })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('refuses a request that carries a payment already', async ({ open, shop }) => {
  const seller = await open((_request, response) => {
    sell({ ..._request, payment: undefined }, response)
  })
  const error = await shop().refusal(seller.url, { headers: { 'payment-signature': 'e30=' } })
  expect(error).toMatchObject({ code: 'PAYMENT_HEADER_PRESENT', money: 'untouched' })
})

function without(headers: object | undefined, name: string): object {
  return Object.fromEntries(Object.entries(headers ?? {}).filter(([key]) => key !== name))
}

function withoutBoundary(body: Buffer, type: string | undefined): string {
  const boundary = /boundary=(.+)$/.exec(type ?? '')?.[1] ?? ''
  expect(boundary).not.toBe('')
  return body.toString().replaceAll(boundary, '')
}

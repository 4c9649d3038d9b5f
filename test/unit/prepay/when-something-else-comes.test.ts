import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { listWarningCodes } from '../../support/list-warnings.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import { startSeller } from '../../support/start-seller.js'

/** A buyer who prepays, and the warnings that it gets. */
async function begin(options?: ClientOptions, wrap?: Parameters<typeof beginToPrepay>[1]) {
  const begun = await beginToPrepay(options, wrap)
  return { ...begun, warnings: listWarningCodes(begun.buyer.client) }
}

it('counts what a route took that became free, and asks again', async () => {
  const { seller, buy, buyer, warnings } = await begin()
  seller.answer((_, response) => response.end('free'))
  const response = await buy()
  expect(await response.text()).toBe('free')
  expect(paymentOf(response)).toMatchObject({ money: 'in-doubt' })
  expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
  expect(paymentOf(await buy())).toBeUndefined()
  expect(seller.counts()).toEqual([4, 2])
})

describe.each([404, 500])('a seller that answers %i', (status) => {
  it('is handed over, counted, and gets the same payment again', async () => {
    const { seller, buy, buyer, warnings } = await begin()
    seller.answer((_, response) => response.writeHead(status).end('no'))
    const response = await buy({ x402: { redeliver: 'never' } })
    expect(response.status).toBe(status)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt' })
    expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
    expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
    seller.answer(undefined)
    expect((await buy()).status).toBe(200)
    expect(seller.authorizations().size).toBe(2)
    expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000'])
  })
})

it('takes what is only accepted as bought where a receipt says so', async () => {
  const { seller, buy, buyer, warnings } = await begin()
  seller.answer((_, response) => {
    const receipt = { success: true, transaction: `0x${'cd'.repeat(32)}`, network: 'eip155:84532' }
    response.writeHead(202, { 'payment-response': encodeJsonHeader(receipt) }).end('{}')
  })
  const response = await buy()
  expect(response.status).toBe(202)
  expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  expect(warnings).toEqual([])
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000'])
})

it('waits for a job that was accepted without a receipt, which the result brings, and asks for the price again', async () => {
  const { seller, buy, buyer, warnings } = await begin()
  seller.answer((request, response) => {
    if (request.path === '/jobs/1') deliver(response, request, 'done')
    else response.writeHead(202, { location: '/jobs/1' }).end()
  })
  const response = await buy()
  expect(response.status).toBe(202)
  expect(paymentOf(response)).toMatchObject({ money: 'in-doubt' })
  expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
  expect(await (await paymentOf(response)?.job?.wait())?.text()).toBe('done')
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000'])
  expect(seller.authorizations().size).toBe(2)
  seller.answer(undefined)
  const [, asked] = seller.counts()
  expect((await buy()).status).toBe(200)
  expect(seller.counts()[1]).toBe(asked + 1)
})

it('presents the same payment while the seller says only that it accepted it', async () => {
  const { seller, buy, buyer } = await begin()
  let turns = 0
  seller.answer((request, response) => {
    if (++turns < 3) response.writeHead(202).end()
    else deliver(response, request)
  })
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000'])
})

it('makes no second payment when the seller refuses the same terms, nor when it asks forever', async () => {
  const { seller, buy, buyer } = await begin()
  seller.answer((_, response) => askToPay(response))
  for (let i = 0; i < 3; i++)
    await expect(buy()).rejects.toMatchObject({ money: 'in-doubt', response: { status: 402 } })
  expect(seller.authorizations().size).toBe(2)
  expect(buyer.signatures()).toBe(2)
  seller.answer(undefined)
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
})

it('sends the same payment again when the response is lost', async () => {
  const { seller, buy, buyer } = await begin()
  let lost = 0
  seller.answer((request, response) => (lost++ === 0 ? response.destroy() : sell(request, response)))
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
  expect(seller.counts()).toEqual([4, 1])
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000'])
})

it('sends a lost POST again only when it is made again', async () => {
  const { seller, buy, buyer } = await begin()
  const post = { method: 'POST', body: '{"a":1}' }
  expect((await buy(post)).status).toBe(200)
  seller.answer((_, response) => response.destroy())
  await expect(buy(post)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  const [count] = seller.counts()
  seller.answer(undefined)
  expect((await buy(post)).status).toBe(200)
  expect(seller.requests.slice(count).map(({ body }) => body.toString())).toContain('{"a":1}')
  expect(seller.authorizations().size).toBe(3)
  expect(await readCounted(buyer)).toEqual(['settled 10000', 'settled 10000', 'settled 10000'])
})

it('follows a redirect within the origin, with the same payment', async () => {
  const { seller, buy } = await begin()
  seller.answer((request, response) => {
    if (request.path === '/moved') deliver(response, request)
    else response.writeHead(307, { location: '/moved' }).end()
  })
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
})

it('carries no payment to another origin', async () => {
  const other = await startSeller(sell)
  const { seller, buy, buyer } = await begin()
  seller.answer((_, response) => response.writeHead(307, { location: other.url }).end())
  await expect(buy()).rejects.toMatchObject({ code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' })
  expect(other.requests.length).toBe(0)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('ends with the time of the paid part, and counts', async () => {
  const { seller, buy, buyer } = await begin({}, { wrap: { timeouts: { paidMs: 300, unpaidMs: 50 } } })
  seller.answer(() => undefined)
  await expect(buy()).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
  expect(seller.authorizations().size).toBe(2)
})

it('ends with an abort after the payment left, and counts', async () => {
  const { seller, buy, buyer } = await begin()
  const abort = new AbortController()
  seller.answer(() => abort.abort())
  await expect(buy({ signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError', money: 'in-doubt' })
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
  seller.answer(undefined)
  expect((await buy()).status).toBe(200)
  expect(seller.authorizations().size).toBe(2)
})

it('asks a seller whose circuit is open', async () => {
  const { seller, buy, buyer } = await begin({ circuit: { failures: 1 } } as ClientOptions)
  seller.answer((_, response) => askToPay(response))
  await expect(buy()).rejects.toMatchObject({ money: 'in-doubt' })
  const signatures = buyer.signatures()
  await expect(buy({ method: 'POST' })).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', money: 'untouched' })
  expect(buyer.signatures()).toBe(signatures)
})

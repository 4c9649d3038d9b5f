import { expect, it, vi } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { askToPay, createOffer, createRequired } from '../../support/offers.js'

const OTHER = '0x1111111111111111111111111111111111111111'

const begin = (options: ClientOptions = {}) => beginToPrepay(options, { onChange: 'pay-new' })

it('pays the new terms once, and counts both', async () => {
  const { seller, buyer, buy } = await begin()
  seller.change({ amount: '20000' })
  const response = await buy()
  expect(response.status).toBe(200)
  expect(paymentOf(response)).toMatchObject({ money: 'settled' })
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000', 'settled 20000'])
  expect(seller.authorizations().size).toBe(3)
  expect(seller.value()).toBe(40_000n)
  expect(seller.counts()).toEqual([4, 1])
  // The next calls ask until the price held twice, and are prepaid then.
  for (let i = 0; i < 3; i++) expect((await buy()).status).toBe(200)
  expect(seller.counts()).toEqual([9, 3])
})

it('pays another recipient, too, and no other asset', async () => {
  const { seller, buy, buyer } = await begin()
  seller.change({ payTo: OTHER })
  expect((await buy()).status).toBe(200)
  const other = await begin()
  other.seller.change({ network: 'eip155:8453', asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913' })
  await expect(other.buy()).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  expect(other.seller.authorizations().size).toBe(2)
  expect(buyer.signatures()).toBe(3)
})

it('refuses where a limit on one payment has no room for both together', async () => {
  const { seller, buy, buyer } = await begin({ limits: { perPayment: '$0.025' } })
  seller.change({ amount: '20000' })
  await expect(buy()).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(2)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('refuses where the call may not cost both together', async () => {
  const { seller, buy } = await begin()
  seller.change({ amount: '20000' })
  await expect(buy({ x402: { max: '$0.025' } })).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(2)
})

it('says that the money is in doubt where a total has no room for the second', async () => {
  const { seller, buy, buyer } = await begin({ limits: { total: '$0.035' } })
  seller.change({ amount: '20000' })
  await expect(buy()).rejects.toMatchObject({
    code: 'PRICE_CHANGED',
    money: 'in-doubt',
    cause: { code: 'LIMIT_TOTAL' },
    response: { status: 402 },
  })
  expect(seller.authorizations().size).toBe(2)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('says so where no new offer can be paid', async () => {
  const { seller, buy } = await begin()
  seller.answer((_, response) => askToPay(response, createRequired([createOffer({ scheme: 'unknown' })])))
  await expect(buy()).rejects.toMatchObject({
    code: 'PRICE_CHANGED',
    money: 'in-doubt',
    cause: { code: 'NO_PAYABLE_OFFER' },
  })
})

it('says so where someone refuses the new price, who is asked about each of both', async () => {
  const approve = vi.fn(({ amount }: ApprovalRequest) => BigInt(amount) <= 10_000n)
  const { seller, buy } = await begin({ limits: { approve } })
  seller.change({ amount: '20000' })
  await expect(buy()).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  expect(approve).toHaveBeenCalledTimes(3)
  expect(seller.authorizations().size).toBe(2)
})

it('pays at most twice, whatever the seller asks for next', async () => {
  const { seller, buy, buyer } = await begin()
  let amount = 20_000
  seller.answer((_, response) => askToPay(response, createRequired([createOffer({ amount: `${amount++}` })])))
  await expect(buy()).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(3)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'sent 20000', 'settled 10000'])
})

it('pays nothing new where the first payment was taken', async () => {
  const { seller, buy } = await begin()
  seller.answer((_, response) => {
    const receipt = { success: true, transaction: `0x${'cd'.repeat(32)}`, network: 'eip155:84532' }
    response.writeHead(402, {
      'payment-required': encodeJsonHeader(createRequired([createOffer({ amount: '20000' })])),
      'payment-response': encodeJsonHeader(receipt),
    })
    response.end('{}')
  })
  await expect(buy()).rejects.toMatchObject({ money: 'settled' })
  expect(seller.authorizations().size).toBe(2)
})

it('pays nothing new where the seller says that the first payment is pending', async () => {
  const { seller, buy } = await begin()
  seller.answer((_, response) =>
    askToPay(response, createRequired([createOffer({ amount: '20000' })], { error: 'settlement_pending' })),
  )
  await expect(buy({ x402: { redeliver: 'never' } })).rejects.toMatchObject({ money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(2)
})

it('pays nothing new where the response is lost after all', async () => {
  const { seller, buy } = await begin()
  let paid = 0
  seller.answer((_, response) => {
    paid++
    if (paid === 1) {
      askToPay(response, createRequired([createOffer({ amount: '20000' })], { error: 'settlement_pending' }))
    } else response.destroy()
  })
  await expect(buy()).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  expect(seller.authorizations().size).toBe(2)
})

it('gives calls that joined what the new payment bought', async () => {
  const { seller, buy } = await begin({ inFlight: 'join' })
  seller.change({ amount: '20000' })
  const responses = await Promise.all([buy(), buy(), buy()])
  expect(await Promise.all(responses.map((response) => response.json()))).toEqual(new Array(3).fill({ ok: true }))
  expect(seller.authorizations().size).toBe(3)
})

it('tells calls that joined that the price has changed', async () => {
  const { seller, buy } = await beginToPrepay({ inFlight: 'join' })
  seller.change({ amount: '20000' })
  const ended = await Promise.allSettled([buy(), buy(), buy()])
  expect(ended.map((one) => one.status === 'rejected' && one.reason.code)).toEqual(new Array(3).fill('PRICE_CHANGED'))
  expect(seller.authorizations().size).toBe(2)
})

it('says that the money is in doubt where the call is aborted between the two', async () => {
  const abort = new AbortController()
  const approve = ({ amount }: ApprovalRequest) => {
    if (BigInt(amount) > 10_000n) abort.abort()
    return true
  }
  const { seller, buy, buyer } = await begin({ limits: { approve } })
  seller.change({ amount: '20000' })
  await expect(buy({ signal: abort.signal })).rejects.toMatchObject({
    code: 'ABORTED',
    name: 'AbortError',
    money: 'in-doubt',
  })
  expect(seller.authorizations().size).toBe(2)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('lets a client that drains wait for the new payment', async () => {
  let approved: (() => void) | undefined
  const approve = ({ amount }: ApprovalRequest) =>
    BigInt(amount) <= 10_000n || new Promise<boolean>((resolve) => (approved = () => resolve(true)))
  const { seller, buy, buyer } = await begin({ limits: { approve } })
  seller.change({ amount: '20000' })
  const bought = buy()
  await vi.waitUntil(() => approved !== undefined)
  const draining = buyer.client.drain()
  let isDrained = false
  draining.then(() => (isDrained = true))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(isDrained).toBe(false)
  approved?.()
  expect((await bought).status).toBe(200)
  expect(await draining).toMatchObject({ left: [], calls: 0 })
})

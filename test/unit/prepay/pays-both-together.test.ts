import { expect, it, vi } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import { beginToPrepay, readCounted } from '../../support/begin-to-prepay.js'
import { askToPay, createOffer, createRequired, PAY_TO } from '../../support/offers.js'

const begin = (options: ClientOptions = {}) => beginToPrepay(options, { onChange: 'pay-new' })

it('asks whoever approves what costs more, where both together do', async () => {
  const approve = vi.fn((_: ApprovalRequest) => false)
  const { seller, buy, buyer } = await begin({ limits: { approve, approveAbove: '$0.025' } })
  seller.change({ amount: '20000' })
  await expect(buy()).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  expect(approve.mock.calls.map(([{ amount }]) => amount)).toEqual(['20000'])
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('pays them where they say yes, who are asked once', async () => {
  const approve = vi.fn((_: ApprovalRequest) => true)
  const { seller, buy, buyer } = await begin({ limits: { approve, approveAbove: '$0.025' } })
  seller.change({ amount: '20000' })
  expect((await buy()).status).toBe(200)
  expect(approve).toHaveBeenCalledTimes(1)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000', 'settled 20000'])
})

it('pays no other offer than the one that was held against the limits, also where a policy takes another one each time', async () => {
  const { seller, buy, buyer } = await begin({ limits: { perPayment: '$0.04' } })
  let asked = 0
  buyer.client.registerPolicy((_version, offers) => {
    if (offers.length === 1) return [...offers]
    const taken = asked++
    return offers.filter((_, index) => index === taken)
  })
  const offers = ['20000', '35000'].map((amount) => createOffer({ amount }))
  seller.answer((_, response) => askToPay(response, createRequired(offers)))
  await expect(buy()).rejects.toMatchObject({ money: 'in-doubt' })
  expect(asked).toBe(1)
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'sent 20000', 'settled 10000'])
})

it.each([
  ['a recipient in small letters', { payTo: PAY_TO.toLowerCase() }],
  ['an amount under the name of protocol 1', { amount: undefined, maxAmountRequired: '10000' }],
])('pays nothing new for the same terms in other words: %s', async (_, changes) => {
  const { seller, buy, buyer } = await begin()
  seller.answer((_, response) => askToPay(response, createRequired([createOffer(changes)])))
  await expect(buy()).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  expect(await readCounted(buyer)).toEqual(['sent 10000', 'settled 10000'])
})

it('buys nothing else under a key while the first payment may be taken, where the second was never signed', async () => {
  const { seller, buy, buyer } = await begin({ limits: { perPayment: '$0.03' } })
  let signed = 0
  buyer.client.onAfterPaymentCreation(() => {
    if (++signed === 2) throw new Error('no')
  })
  const x402 = { purchase: 'order' }
  seller.change({ amount: '20000' })
  await expect(buy({ x402 })).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
  seller.change({ amount: '30000' })
  await expect(buy({ x402 })).rejects.toMatchObject({ code: 'TERMS_CHANGED_WHILE_PAID', money: 'in-doubt' })
  expect(await readCounted(buyer)).toEqual(['released 20000', 'sent 10000', 'settled 10000'])
})

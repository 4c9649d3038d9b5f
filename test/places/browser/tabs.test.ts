import { expect, it } from 'vitest'
import { openShop } from '../../support/browser/open-shop.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'

const profile = useProfile()

/** Ten of these are a dollar. */
const TEN_CENTS = createRequired([createOffer({ amount: '100000' })])

/** Sells for ten cents; what it does with a payment is up to the test. */
const sellForTenCents =
  (withPayment: Handler): Handler =>
  (request, response) =>
    request.payment === undefined ? askToPay(response, TEN_CENTS) : withPayment(request, response)

/** Loses the first answer to a payment. */
function loseFirst(): Handler {
  let lost = 0
  return (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    if (lost++ === 0) return void response.destroy()
    deliver(response, request)
  }
}

const LOST = [{ code: 'ANSWER_LOST', money: 'in-doubt' }]
const PAID = [{ status: 200, text: '{"ok":true}', money: 'settled' }]

it('two tabs: share one budget, so that of 30 calls at once for $0.10 each exactly ten are paid from $1', async () => {
  const { seller, openTab, buy } = await openShop(profile(), sellForTenCents(deliverTo))
  const tabs = await Promise.all([openTab(), openTab()])
  const told = (await Promise.all(tabs.map((tab) => buy(tab, { calls: 15 })))).flat()
  expect(told.filter((one) => 'status' in one && one.status === 200)).toHaveLength(10)
  expect(told.filter((one) => 'code' in one && one.code === 'LIMIT_TOTAL' && one.money === 'untouched')).toHaveLength(
    20,
  )
  expect(seller.authorizations().size).toBe(10)
})

it('two tabs: make one purchase of one key; while one has sent its payment the other signs nothing', async () => {
  const [paid, refused] = [createGate(), createGate()]
  const { seller, openTab, buy } = await openShop(profile(), async (request, response) => {
    if (request.payment === undefined) return askToPay(response)
    paid.open()
    await refused.passed
    deliver(response, request)
  })
  const [first, second] = [await openTab(), await openTab()]
  const bought = buy(first, { purchase: 'order-7' })
  await paid.passed
  expect(await buy(second, { purchase: 'order-7' })).toMatchObject([{ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt' }])
  refused.open()
  expect(await bought).toMatchObject(PAID)
  expect(seller.authorizations().size).toBe(1)
})

it('a second click: presents the payment whose answer was lost, and no other', async () => {
  const { seller, openTab, buy } = await openShop(profile(), loseFirst())
  const tab = await openTab()
  expect(await buy(tab, { method: 'POST' })).toMatchObject(LOST)
  expect(await buy(tab, { method: 'POST' })).toMatchObject(PAID)
  expect(seller.authorizations().size).toBe(1)
})

it('a reload: presents the payment whose answer was lost, and no other', async () => {
  const { seller, openTab, buy } = await openShop(profile(), loseFirst())
  const tab = await openTab()
  expect(await buy(tab, { method: 'POST' })).toMatchObject(LOST)
  await tab.reload()
  expect(await buy(tab, { method: 'POST' })).toMatchObject(PAID)
  expect(seller.authorizations().size).toBe(1)
})

it('another tab: presents the payment whose answer was lost in the first', async () => {
  const { seller, openTab, buy } = await openShop(profile(), loseFirst())
  const [first, second] = [await openTab(), await openTab()]
  expect(await buy(first, { method: 'POST' })).toMatchObject(LOST)
  expect(await buy(second, { method: 'POST' })).toMatchObject(PAID)
  expect(seller.authorizations().size).toBe(1)
})

it.each([
  ['closed', (tab: { close(): Promise<void> }) => tab.close()],
  ['reloaded', (tab: { reload(): Promise<unknown> }) => tab.reload()],
])(
  'a tab that is %s while its payment is under way: leaves it to the next, which presents the same',
  async (_, end) => {
    const payment = createGate()
    let payments = 0
    const { seller, openTab, buy } = await openShop(profile(), (request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (payments++ > 0) return deliver(response, request)
      payment.open() // and never answers
    })
    const first = await openTab()
    const cutOff = buy(first).catch((error: unknown) => error)
    await payment.passed
    await end(first)
    expect(await cutOff).toBeInstanceOf(Error)
    expect(await buy(await openTab())).toMatchObject(PAID)
    expect(seller.authorizations().size).toBe(1)
  },
)

const deliverTo: Handler = (request, response) => deliver(response, request)

import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { account } from '../../support/create-buyer.js'

throughEveryDoor('pays once and returns the paid answer', async ({ sell, shop }) => {
  const seller = await sell()
  const shopper = shop()
  const answer = await shopper.request(`${seller.url}/weather`)
  expect(answer).toMatchObject({ status: 200, text: '{"ok":true}' })
  expect(seller.payments).toMatchObject([{ state: 'settled', payer: account.address, taken: 10_000n, presented: 1 }])
  const { transaction } = seller.payments[0] ?? {}
  expect(answer.payment).toMatchObject({ money: 'settled', delivery: 'delivered', transaction })
  expect(answer.payment?.receipt?.state).toBe('verified')
  expect(seller.requests).toHaveLength(2)
  expect(shopper.signatures()).toBe(1)
})

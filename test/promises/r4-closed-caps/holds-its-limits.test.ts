import { expect } from 'vitest'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'

throughEveryDoor('refuses one atomic unit above the default limit of a dollar', async ({ open, shop }) => {
  const required = createRequired([createOffer({ amount: '1000001' })])
  const seller = await open((_request, response) => askToPay(response, required))
  const shopper = shop()
  const error = await shopper.refusal(`${seller.url}/dear?secret=1`)
  expect(error).toMatchObject({ name: 'LimitError', code: 'LIMIT_PER_PAYMENT', money: 'untouched' })
  expect(error.message.replaceAll(seller.url, 'http://seller')).toMatchInlineSnapshot(`
    "Refused to pay 1.000001 USDC: the limit "perPayment" allows $1.00.
      price: 1.000001 USDC
      resource: GET http://seller/dear
      network: eip155:84532
      asset: 0x036CbD53842c5426634e7929541eC2318f3dCF7e
      pay to: 0x209693Bc6afc0C5328bA36FaF03C514EF312287C
      allows: $1.00
    Raise \`limits.perPayment\`, or catch LimitError to skip this resource.
    Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_per_payment"
  `)
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('pays exactly as many of 40 calls at once as the day allows', async ({ open, shop }) => {
  const seller = await open(sell)
  const shopper = shop({ limits: { perDay: '$0.10' } })
  const calls = Array.from({ length: 40 }, (_, call) => shopper.request(`${seller.url}/${call}`))
  const outcomes = await Promise.allSettled(calls)
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(shopper.signatures()).toBe(10)
  const error = await shopper.refusal(seller.url)
  expect(error).toMatchObject({ code: 'LIMIT_WINDOW', money: 'untouched' })
})

throughEveryDoor('keeps counting what was sent and not proven unspent', async ({ open, shop }) => {
  const seller = await open((_request, response) => askToPay(response))
  const shopper = shop({ limits: { total: '$0.02' } })
  await shopper.refusal(`${seller.url}/1`)
  await shopper.refusal(`${seller.url}/2`)
  expect(await shopper.refusal(`${seller.url}/3`)).toMatchObject({ code: 'LIMIT_TOTAL', money: 'untouched' })
  expect(shopper.signatures()).toBe(2)
})

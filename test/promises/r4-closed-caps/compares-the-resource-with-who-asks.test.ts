import { expect } from 'vitest'
import type { Warning } from '../../../src/payment/stream.js'
import { type Situation, throughEveryDoor } from '../../support/conformance/doors.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'

const ELSEWHERE = { resource: { url: 'https://bank.example/statement' } }

const openShop = ({ open }: Situation, required: object) =>
  open((request, response) =>
    request.payment === undefined ? askToPay(response, required) : deliver(response, request),
  )

throughEveryDoor('warns when the terms name a resource of another host, and pays', async (situation) => {
  const seller = await openShop(situation, createRequired(undefined, ELSEWHERE))
  const warnings: Warning[] = []
  const shopper = situation.shop()
  shopper.client.on('payment', (event) => event.type === 'warning' && warnings.push(event.warning))
  expect(await shopper.request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
  expect(warnings.map(({ code }) => code)).toEqual(['RESOURCE_ELSEWHERE'])
  expect(warnings[0]?.message).toContain('bank.example')
  expect(warnings[0]?.message).not.toContain('statement')
})

throughEveryDoor('refuses terms that name a resource of another host, when strict', async (situation) => {
  const seller = await openShop(situation, createRequired(undefined, ELSEWHERE))
  const shopper = situation.shop({ strictResource: true })
  expect(await shopper.refusal(seller.url)).toMatchObject({ code: 'RESOURCE_MISMATCH', money: 'untouched' })
  expect(shopper.signatures()).toBe(0)
})

throughEveryDoor('compares the resource of the entry in protocol 1', async (situation) => {
  const { amount, ...offer } = createOffer({ network: 'base-sepolia', resource: 'https://bank.example/x' })
  const required = { x402Version: 1, accepts: [{ ...offer, maxAmountRequired: amount }] }
  const seller = await openShop(situation, required)
  expect(await situation.shop({ strictResource: true }).refusal(seller.url)).toMatchObject({
    code: 'RESOURCE_MISMATCH',
  })
})

for (const url of ['http://127.0.0.1/x', '/x', 'not a url at all', 7, `https://${'a'.repeat(9000)}.example/`]) {
  throughEveryDoor(
    `takes ${JSON.stringify(url).slice(0, 30)} as no other host, also when strict`,
    async (situation) => {
      const seller = await openShop(situation, createRequired(undefined, { resource: { url } }))
      expect(await situation.shop({ strictResource: true }).request(seller.url)).toMatchObject({ status: 200 })
    },
  )
}

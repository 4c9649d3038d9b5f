import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { throughEveryDoor } from '../../support/conformance/doors.js'
import { createRequired, sell } from '../../support/offers.js'

throughEveryDoor('reuses the connection of the 402 for the paid request', async ({ open, shop }) => {
  const seller = await open((request, response) => {
    if (request.payment !== undefined) return sell(request, response)
    response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) })
    response.end('x'.repeat(30_000))
  })
  await shop().request(seller.url)
  expect(seller.requests.map(({ connection }) => connection)).toEqual([1, 1])
})

throughEveryDoor('waits no longer than its bound for an endless 402 body', async ({ open, shop }) => {
  const seller = await open(async (request, response) => {
    if (request.payment !== undefined) return sell(request, response)
    response.writeHead(402, { 'payment-required': encodeJsonHeader(createRequired()) })
    while (!response.destroyed) {
      response.write('x'.repeat(1000))
      await sleep(20)
    }
  })
  expect(await shop().request(seller.url)).toMatchObject({ status: 200, payment: { money: 'settled' } })
})

import { expect, it } from 'vitest'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { inTurn } from '../../support/money/paid-answers.js'
import { openSeller } from './open-seller.js'

const body = JSON.stringify({ x402Version: 1, error: 'invalid_scheme', accepts: [] })

it('wrapFetchWithPayment: leaves the body of a second 402 to the caller, though it read the reason in it', async () => {
  const seller = await openSeller(inTurn((_request, response) => void response.writeHead(402).end(body)))
  const { paidFetch } = createBriskBuyer({}, { refusals: 'return' })
  const response = await paidFetch(seller.url)
  expect(paymentOf(response)?.error?.facts['seller says']).toBe('"invalid_scheme"')
  expect(await response.text()).toBe(body)
})

it('wrapFetchWithPayment: waits no longer than timeouts.paidMs for the body of a second 402', async () => {
  const seller = await openSeller(inTurn((_request, response) => void response.writeHead(402).write(body)))
  const { paidFetch } = createBriskBuyer({}, { refusals: 'return', timeouts: { paidMs: 1000 } })
  const response = await paidFetch(seller.url)
  expect(paymentOf(response)).toMatchObject({
    money: 'in-doubt',
    delivery: 'lost',
    error: { code: 'PAYMENT_REJECTED' },
  })
  await response.body?.cancel()
})

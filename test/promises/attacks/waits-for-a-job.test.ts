import { setImmediate as macrotask } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { systemClock } from '../../../src/payment/clock.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Sells `/film`, which it only promises, and is asked for it at `/jobs/1`. */
const promise = { location: '/jobs/1' }

it('a tool that is handed a restricted client tells its owner of no delivery by a job that it made up', async () => {
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(202, promise).end()
  })
  const buyer = createBuyer()
  const accepted = await buyer.paidFetch(`${seller.url}/film`, { method: 'POST' })
  const saved = paymentOf(accepted)?.job?.toJSON()
  if (saved === undefined) throw new Error('there is no job')
  const madeUp = (async () => new Response('made up')) as typeof fetch
  const tool = wrapFetchWithPayment(madeUp, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
  const answer = await (await tool.job(saved)).wait()
  expect(paymentOf(answer)).toBeUndefined()
  expect(await buyer.client.payments()).toMatchObject([{ delivery: 'lost' }])
})

it('a kept job whose origin was changed tells of no delivery of what another seller was paid for', async () => {
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(202, promise).end()
  })
  const other = await openSeller((_request, response) => void response.end('mine'))
  const buyer = createBuyer()
  const accepted = await buyer.paidFetch(`${seller.url}/film`, { method: 'POST' })
  const payment = paymentOf(accepted)?.id ?? ''
  const job = await buyer.paidFetch.job({ payment, url: `${other.url}/x`, origin: other.url })
  await job.wait()
  expect(await buyer.client.payments()).toMatchObject([{ delivery: 'lost' }])
})

it('a seller that is never done and asks for no pause isn’t asked without one', async () => {
  let asked = 0
  const seller = await openSeller((request, response) => {
    if (request.path === '/jobs/1') {
      asked++
      response.writeHead(asked > 20 ? 200 : 202, { 'retry-after': '0', ...(asked > 20 && { 'retry-after': '' }) }).end()
      return
    }
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(202, promise).end()
  })
  const pauses: number[] = []
  const wait = async (milliseconds: number) => {
    pauses.push(milliseconds)
    await macrotask()
  }
  const buyer = createBuyer({ clock: { ...systemClock, wait } })
  const { job } = paymentOf(await buyer.paidFetch(`${seller.url}/film`, { method: 'POST' })) ?? {}
  pauses.splice(0)
  await job?.wait()
  expect(pauses).toHaveLength(20)
})

it('a place where a job is asked for is paid nothing by a fetch that is wrapped twice', async () => {
  const seller = await openSeller((request, response) => {
    if (request.path === '/jobs/1' || request.payment === undefined) return sell(request, response)
    response.writeHead(202, promise).end()
  })
  const buyer = createBuyer()
  const twice = wrapFetchWithPayment(buyer.paidFetch, buyer.client)
  const saved = paymentOf(await twice(`${seller.url}/film`, { method: 'POST' }))?.job?.toJSON()
  if (saved === undefined) throw new Error('there is no job')
  await expect((await twice.job(saved)).wait()).rejects.toMatchObject({ code: 'JOB_UNPAID' })
  expect(buyer.signatures()).toBe(1)
})

import type { Readable } from 'node:stream'
import axios from 'axios'
import { expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Promises whatever is paid for, and says at `/jobs/1` how that goes on. */
const promising = (job: Handler) =>
  openSeller((request, response) => {
    if (request.path.startsWith('/jobs')) return job(request, response)
    if (request.payment === undefined) return askToPay(response)
    response.writeHead(202, { location: '/jobs/1' }).end()
  })

const THINGS = ['1', '2', '3', '4', '5', '6', '7', '8']

const emptyInParts: Handler = (_request, response) => {
  response.writeHead(200, { 'transfer-encoding': 'chunked' })
  response.flushHeaders()
  response.end()
}

it('a seller whose jobs end with nothing, in parts, is paid three times', async () => {
  const seller = await promising(emptyInParts)
  const buyer = createBuyer()
  for (const thing of THINGS) {
    const response = await buyer.paidFetch(`${seller.url}/${thing}`).catch(() => undefined)
    const done = await (response && paymentOf(response)?.job?.wait())
    await done?.text()
  }
  expect(seller.authorizations().size).toBe(3)
})

it('a seller whose jobs end with nothing, in parts, is paid three times over axios', async () => {
  const seller = await promising(emptyInParts)
  const buyer = createBuyer()
  const paidAxios = wrapAxiosWithPayment(axios.create(), buyer.client)
  for (const thing of THINGS) {
    const response = await paidAxios.get(`${seller.url}/${thing}`).catch(() => undefined)
    await (response && paymentOf(response)?.job?.wait())
  }
  expect(seller.authorizations().size).toBe(3)
})

it('a seller whose jobs end with an empty stream is paid three times', async () => {
  const seller = await promising(emptyInParts)
  const buyer = createBuyer()
  const paidAxios = wrapAxiosWithPayment(axios.create({ responseType: 'stream' }), buyer.client)
  for (const thing of THINGS) {
    const response = await paidAxios.get(`${seller.url}/${thing}`).catch(() => undefined)
    const done = await (response && paymentOf(response)?.job?.wait())
    if (done === undefined) continue
    const body = Reflect.get(done, 'data') as Readable
    await body.toArray()
  }
  expect(seller.authorizations().size).toBe(3)
})

it('a seller whose jobs end with something is paid each time, whether or not anyone reads it', async () => {
  const seller = await promising((_request, response) => void response.end('null'))
  const buyer = createBuyer()
  const paidAxios = wrapAxiosWithPayment(axios.create(), buyer.client)
  for (const thing of THINGS) {
    await paymentOf(await paidAxios.get(`${seller.url}/a${thing}`))?.job?.wait()
    await paymentOf(await buyer.paidFetch(`${seller.url}/b${thing}`))?.job?.wait()
  }
  expect(seller.authorizations().size).toBe(16)
})

it('a job whose body never ends holds its buyer no longer than the wait may take', async () => {
  const seller = await promising((_request, response) => void response.write('{'))
  const buyer = createBuyer()
  const { job } = paymentOf(await buyer.paidFetch(`${seller.url}/film`)) ?? {}
  const isPending = async (response: Response) => (await response.clone().text()) === ''
  await expect(job?.wait({ timeoutMs: 100, isPending })).rejects.toMatchObject({ code: 'JOB_NOT_DONE' })
})

it.each(['data:text/plain,x', '//evil@127.0.0.1:1/', 'http://127.0.0.1:1/'])(
  'a job leads nowhere by %s',
  async (location) => {
    const seller = await promising((_request, response) => void response.writeHead(302, { location }).end())
    const buyer = createBuyer()
    const { job } = paymentOf(await buyer.paidFetch(`${seller.url}/film`)) ?? {}
    await expect(job?.wait()).rejects.toMatchObject({ code: 'JOB_ELSEWHERE', money: 'in-doubt' })
  },
)

it('a response that a caller takes for “not yet” is let go of', async () => {
  let closed: () => void = () => undefined
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve
  })
  let asked = 0
  const seller = await promising((_request, response) => {
    asked++
    if (asked > 1) return void response.end('done')
    response.on('close', closed)
    response.write('{')
  })
  const buyer = createBuyer()
  const { job } = paymentOf(await buyer.paidFetch(`${seller.url}/film`)) ?? {}
  const response = await job?.wait({ isPending: () => asked === 1 })
  expect(await response?.text()).toBe('done')
  await isClosed
})

it('a tool that presents what its owner lost says what the job of it brought', async () => {
  let isLost = true
  const seller = await openSeller((request, response) => {
    if (request.path.startsWith('/jobs')) return void response.end('done')
    if (request.payment === undefined) return askToPay(response)
    if (isLost) return void response.destroy()
    response.writeHead(202, { location: '/jobs/1' }).end()
  })
  const buyer = createBuyer()
  const url = `${seller.url}/film`
  await expect(buyer.paidFetch(url, { x402: { redeliver: 'never' } })).rejects.toMatchObject({ code: 'ANSWER_LOST' })
  isLost = false
  const tool = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
  const other = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', perPayment: '$0.01' }))
  const { job } = paymentOf(await tool(url)) ?? {}
  const saved = job?.toJSON()
  if (saved === undefined) throw new Error('there is no job')
  await (await other.job(saved)).wait()
  expect(await buyer.client.payments()).toMatchObject([{ delivery: 'lost' }])
  await job?.wait()
  expect(await buyer.client.payments()).toMatchObject([{ delivery: 'delivered' }])
  expect(buyer.signatures()).toBe(1)
})

const declaring = (input: object, properties: object) =>
  createRequired(undefined, {
    extensions: {
      bazaar: { info: { input: { type: 'http', ...input } }, schema: { properties: { input: { properties } } } },
    },
  })

it.each([
  [
    'a method that the schema lists beside the example’s',
    declaring({ method: 'GET' }, { method: { enum: ['GET', 'DELETE'] } }),
    '/',
    { method: 'DELETE' },
  ],
  [
    'a list in the query',
    declaring({}, { queryParams: { properties: { ids: {} }, required: ['ids'] } }),
    '/?ids[]=1&ids[]=2',
    {},
  ],
  [
    'a list in a form',
    declaring({}, { body: { properties: { ids: {} }, required: ['ids'] } }),
    '/',
    { method: 'POST', body: new URLSearchParams({ 'ids[0]': '1' }) },
  ],
  [
    'no field that has a default',
    declaring({}, { queryParams: { properties: { page: { default: 1 } }, required: ['page'] } }),
    '/',
    {},
  ],
])('an honest request with %s is paid, without a warning', async (_, required, path, init) => {
  const seller = await openSeller((request, response) =>
    request.payment === undefined ? askToPay(response, required) : sell(request, response),
  )
  const buyer = createBuyer()
  const warnings: unknown[] = []
  buyer.client.on('payment', (event) => {
    if (event.type === 'warning') warnings.push(event.warning)
  })
  expect((await buyer.paidFetch(seller.url + path, init)).status).toBe(200)
  expect(warnings).toEqual([])
})

it('a seller that lists a hundred thousand methods gets no message of that length', async () => {
  const methods = Array.from(
    { length: 100_000 },
    (_, index) => `X${[...String(index)].map((digit) => 'ABCDEFGHIJ'[Number(digit)]).join('')}XX`,
  )
  const required = declaring({}, { method: { enum: methods } })
  const seller = await openSeller((_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify(required))
  })
  const buyer = createBuyer()
  const refusal = await buyer.paidFetch(seller.url).catch((error: unknown) => error)
  expect(refusal).toMatchObject({ code: 'REQUEST_UNFIT' })
  expect((refusal as Error).message.length).toBeLessThan(1000)
})

it('a diagnosis ends in its own time where no body does', async () => {
  const endless: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"kinds":[')
  }
  const [seller, facilitator] = [await openSeller(sell), await openSeller(endless)]
  const other = await openSeller((_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json' })
    response.write('{')
  })
  const { client } = createBuyer()
  const slow = await client.diagnose(seller.url, { facilitator: facilitator.url, timeoutMs: 200 })
  expect(slow.findings).toContainEqual(expect.objectContaining({ code: 'FACILITATOR_SILENT' }))
  expect((await client.diagnose(other.url, { timeoutMs: 200 })).cost).toBe('refused')
}, 9_000)

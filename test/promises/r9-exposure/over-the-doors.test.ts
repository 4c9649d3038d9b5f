import axios from 'axios'
import fc from 'fast-check'
import ky from 'ky'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/wrap-axios-with-payment.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { x402Client } from '../../../src/index.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import type { PaymentPayload } from '../../../src/wire/payload.js'
import {
  type OfficialObject,
  officialObjects,
  readCounted,
  type Showing,
} from '../../support/exposure/official-objects.js'
import { startRpc } from '../../support/exposure/start-rpc.js'
import { type Seller, startSeller } from '../../support/start-seller.js'

/** Offers that each object is shown, over one door after the other; 10,000 in the long run. */
const OFFERS = Number(process.env['FC_RUNS'] ?? 60)

/** Every so many-th offer is paid from a ledger whose steps take 8 ms. */
const SLOW_EACH = 10

const limits = { perPayment: '$1000000000000', perDay: { payments: 1_000_000 } }

const doors: readonly ((client: x402Client, url: string) => Promise<unknown>)[] = [
  (client, url) => wrapFetchWithPayment(fetch, client)(url),
  (client, url) => wrapKyWithPayment(ky.create({ retry: 0, timeout: false }), client).get(url),
  (client, url) => wrapAxiosWithPayment(axios.create({ adapter: 'http' }), client).get(url),
  (client, url) => wrapAxiosWithPayment(axios.create({ adapter: 'fetch' }), client).get(url),
]

let rpc: Awaited<ReturnType<typeof startRpc>>
/** Makes the offer that its address names, and keeps what it is paid with. */
let seller: Seller
const offers = new Map<string, object>()
const held = new Map<string, PaymentPayload[]>()
beforeAll(async () => {
  rpc = await startRpc()
  seller = await startSeller(({ path, payment }, response) => {
    if (payment === undefined) {
      response.writeHead(402, { 'content-type': 'application/json' })
      response.end(JSON.stringify(offers.get(path)))
      return
    }
    held.set(path, [...(held.get(path) ?? []), payment])
    response.end('bought')
  })
})
afterAll(() => Promise.all([rpc.stop(), seller.stop()]))

let shown = 0

/** What a seller of one offer can take with all that it was sent, and what the buyer's ledger counts for it, in atomic units. */
async function sell({ offer, register, takenBy }: Showing) {
  const number = shown++
  const path = `/${number}`
  const url = `${seller.url}${path}`
  const isOld = 'maxAmountRequired' in offer
  const accepts = [isOld ? { ...offer, resource: url } : offer]
  offers.set(path, { x402Version: isOld ? 1 : 2, error: 'pay', resource: { url }, accepts })
  const memory = createMemoryLedger()
  const ledger = number % SLOW_EACH === 0 ? createSlowLedger(memory) : memory
  const client = register(new x402Client({ ledger, limits, paymentFlows: ['authorization', 'escrow', 'upfront'] }))
  const payThrough = doors[number % doors.length]
  await payThrough?.(client, url).catch(() => undefined)
  const payments = held.get(path) ?? []
  const different = new Set(payments.map(({ payload }) => JSON.stringify(payload)))
  offers.delete(path)
  held.delete(path)
  return { taken: takenBy(payments[0]?.payload), counted: await readCounted(memory), different: different.size }
}

// Four requests and a signature each, on a busy machine.
describe('what a seller holds lets it take no more than the ledger counts, over every door:', {
  timeout: 500 * OFFERS,
}, () => {
  it.each(officialObjects)('$name', async ({ draw }: OfficialObject) => {
    let paid = 0
    const property = fc.asyncProperty(await draw(rpc.url), async (show) => {
      const { taken, counted, different } = await sell(show())
      expect(different).toBeLessThanOrEqual(1)
      expect(taken).toBeLessThanOrEqual(counted)
      if (taken > 0n) paid++
    })
    await fc.assert(property, { numRuns: OFFERS })
    expect(paid).toBeGreaterThan(OFFERS / 10)
  })
})

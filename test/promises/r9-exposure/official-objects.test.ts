import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PaymentRequired, x402Client } from '../../../src/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { officialObjects, readCounted, type Showing } from '../../support/exposure/official-objects.js'
import { startRpc } from '../../support/exposure/start-rpc.js'

/** Offers that each object is shown; 10,000 in the long run. */
const OFFERS = Number(process.env['FC_RUNS'] ?? 1000)

const url = 'https://api.example.com/report'

/** So wide that nothing but what the payload reads as holds anything back. */
const limits = { perPayment: '$1000000000000', perDay: { payments: 1_000_000 } }

let rpc: Awaited<ReturnType<typeof startRpc>>
beforeAll(async () => {
  rpc = await startRpc()
})
afterAll(() => rpc.stop())

/** What a client that has the object hands out for one offer, and what its ledger counts for that, in atomic units. */
async function pay({ offer, register, takenBy }: Showing) {
  const ledger = createMemoryLedger()
  const client = register(new x402Client({ ledger, limits, paymentFlows: ['authorization', 'escrow', 'upfront'] }))
  const x402Version = 'maxAmountRequired' in offer ? 1 : 2
  const required = { x402Version, resource: { url }, accepts: [offer] }
  const paid = await client.createPaymentPayload(required as unknown as PaymentRequired, { url }).catch(() => undefined)
  return { taken: takenBy(paid?.payload), counted: await readCounted(ledger) }
}

// A thousand real signatures take their time on a busy machine.
describe('what its payload lets anyone take is what the ledger counts, at most:', { timeout: 120 * OFFERS }, () => {
  it.each(officialObjects)('$name', async ({ draw }) => {
    let paid = 0
    const property = fc.asyncProperty(await draw(rpc.url), async (show) => {
      const { taken, counted } = await pay(show())
      expect(taken).toBeLessThanOrEqual(counted)
      if (taken > 0n) paid++
    })
    await fc.assert(property, { numRuns: OFFERS })
    // What is never signed would hold, too.
    expect(paid).toBeGreaterThan(OFFERS / 10)
  })
})

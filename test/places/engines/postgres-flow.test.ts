import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/index.js'
import { createPostgresLedger, toMigration } from '../../../src/ledger/postgres/index.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createBuyer } from '../../support/create-buyer.js'
import { type PostgresServer, startPostgres } from '../../support/engines/start-postgres.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

let server: PostgresServer
let pool: pg.Pool

beforeAll(async () => {
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url, max: 25 })
  pool.on('error', () => undefined) // what a crash does to connections that no one uses
})

afterAll(async () => {
  await pool.end()
  await server.stop()
})

let schemas = 0

/** Buyers on ledgers of their own that share one schema, as processes of a fleet do. */
async function createFleet(count: number, options: ClientOptions) {
  const schema = `fleet_${schemas++}`
  await pool.query(toMigration({ schema }))
  const open = async () => {
    const ledger = await createPostgresLedger({ query: pool, schema })
    onTestFinished(() => ledger.close())
    const buyer = createBuyer({ ledger, ...options })
    return { ...buyer, ask: (url: string, purchase?: string) => codeOf(buyer.paidFetch(url, { x402: { purchase } })) }
  }
  return Promise.all(Array.from({ length: count }, open))
}

type Fleet = Awaited<ReturnType<typeof createFleet>>

/** What a call ended with: a status, or a code. */
async function codeOf(asked: Promise<Response>): Promise<number | string> {
  try {
    return (await asked).status
  } catch (error) {
    if (isX402Error(error)) return error.code
    throw error
  }
}

/** So many calls at once, in turn by each of a fleet. */
function askAll(fleet: Fleet, count: number, ask: (buyer: Fleet[number], index: number) => Promise<number | string>) {
  const each = Array.from({ length: count / fleet.length }, (_, turn) => turn * fleet.length)
  return Promise.all(each.flatMap((first) => fleet.map((buyer, at) => ask(buyer, first + at))))
}

describe('a fleet on one Postgres', () => {
  it('buys once under a key, however many processes ask for it at once', async () => {
    const seller = await openSeller(sell)
    const fleet = await createFleet(4, { purchaseFor: 3600 })
    const codes = await askAll(fleet, 40, (buyer) => buyer.ask(seller.url, 'order'))
    expect(new Set(codes)).toEqual(new Set([200, 'PURCHASE_UNDER_WAY']))
    for (const buyer of fleet) expect(await buyer.ask(seller.url, 'order')).toBe('ALREADY_BOUGHT')
    expect(fleet.reduce((sum, { signatures }) => sum + signatures(), 0)).toBe(1)
    expect(seller.authorizations().size).toBe(1)
  })

  it('presents the one payment whose response was lost, however many processes ask for it at once', async () => {
    const seller = await openSeller(inTurn(drops, drops, drops, pays))
    const fleet = await createFleet(4, { purchaseFor: 3600 })
    for (let round = 0; round < 4; round++) await askAll(fleet, 12, (buyer) => buyer.ask(seller.url, 'order'))
    for (const buyer of fleet) expect(await buyer.ask(seller.url, 'order')).toBe('ALREADY_BOUGHT')
    expect(seller.authorizations().size).toBe(1)
  })

  it('pays as often as the budget allows, and every other call is refused', async () => {
    const seller = await openSeller(sell)
    const fleet = await createFleet(4, { limits: { total: '$0.25' } })
    const codes = await askAll(fleet, 100, (buyer, index) => buyer.ask(`${seller.url}/?page=${index}`))
    expect(codes.filter((code) => code === 200)).toHaveLength(25)
    expect(codes.filter((code) => code === 'LIMIT_TOTAL')).toHaveLength(75)
    expect(seller.authorizations().size).toBe(25)
  })

  it('hands a payment on that a process was drained with while Postgres was down', async () => {
    const [asked, goesOn] = [createGate(), createGate()]
    const seller = await openSeller(
      inTurn(async (request, response) => {
        asked.open()
        await goesOn.passed
        return pays(request, response)
      }),
    )
    const fleet = await createFleet(2, { purchaseFor: 3600 })
    const [first, other] = fleet
    const call = first?.ask(seller.url, 'order')
    await asked.passed
    await server.kill('SIGQUIT')
    const draining = first?.client.drain({ timeoutMs: 1000 })
    goesOn.open()
    expect(await call).toBe(200)
    expect(await draining).toMatchObject({ left: [{ money: 'in-doubt' }], calls: 1 })
    await server.start()
    // Once the lease of the first is over.
    await expect.poll(() => other?.ask(seller.url, 'order'), { timeout: 50_000, interval: 1000 }).toBe(200)
    expect(await other?.ask(seller.url, 'order')).toBe('ALREADY_BOUGHT')
    expect(seller.authorizations().size).toBe(1)
    if (other) expect(await readAll(other.ledger)).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
  })
})

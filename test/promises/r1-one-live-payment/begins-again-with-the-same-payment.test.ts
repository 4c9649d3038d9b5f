import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { startChild } from '../../support/ledger/start-child.js'
import { NETWORK, sell, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { askFor } from '../../unit/flow/ask-for.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const url = 'wss://api.example.com/feed'
const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address }

const narrowings = {
  'a client': undefined,
  'a restricted client': { total: '$1' },
  'a client with a name': { name: 'team/researcher', total: '$1' },
} as const

for (const [who, options] of Object.entries(narrowings)) {
  describe(`begin of ${who}`, () => {
    const open = (ledger: Ledger) => {
      const { client, signatures } = createBuyer({ ledger })
      return { buyer: options === undefined ? client : client.restrict(options), signatures }
    }

    for (const [where, createLedger] of ledgers) {
      it(`hands out what was lost again, to whichever client of the ledger may present it${where}`, async () => {
        const ledger = createLedger()
        const first = open(ledger)
        const { id, payload, lost } = await first.buyer.begin(askFor(), { url })
        await lost(new Error('the socket closed'))
        const second = open(ledger)
        const again = await second.buyer.begin(askFor(), { url })
        expect([again.id, again.payload]).toEqual([id, payload])
        expect(second.signatures()).toBe(0)
      })
    }

    it('hands out what was lost, or never reported, again after a restart', async () => {
      const reopen = await createReopening()
      const first = open(await reopen())
      const lost = await first.buyer.begin(askFor(), { url })
      await lost.lost()
      const silent = await first.buyer.begin(askFor(), { url: `${url}/2` })
      const second = open(await reopen())
      for (const [before, address] of [
        [lost, url],
        [silent, `${url}/2`],
      ] as const) {
        const again = await second.buyer.begin(askFor(), { url: address })
        expect([again.id, again.payload]).toEqual([before.id, before.payload])
      }
      expect([first.signatures(), second.signatures()]).toEqual([2, 0])
    })

    it('begins one payment for a key, however many ask at once, in one process', async () => {
      const ledger = createMemoryLedger()
      const { buyer, signatures } = open(ledger)
      const asked = Array.from({ length: 20 }, () => buyer.begin(askFor(), { url, purchase: 'order-7' }))
      const outcomes = await Promise.allSettled(asked)
      const begun = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      expect(new Set(begun.map(({ id }) => id)).size).toBe(1)
      expect(signatures()).toBe(1)
      await Promise.all(begun.map((one) => one.answered({ receipt })))
      expect((await buyer.payments()).map(({ money, delivery }) => [money, delivery])).toEqual([
        ['settled', 'delivered'],
      ])
    })
  })
}

it('begin by an id: opens nothing that a call of a wrapper waits for, and leaves that call alone', async () => {
  const ledger = createMemoryLedger()
  const buyer = createBuyer({ ledger })
  const other = createBuyer({ ledger })
  const refusals: unknown[] = []
  const seller = await openSeller(async (request, response) => {
    if (request.payment !== undefined) {
      const [{ id } = { id: '' }] = await buyer.records()
      refusals.push(await refusalOf(other.client.begin(id)))
    }
    sell(request, response)
  })
  const response = await wrapFetchWithPayment(fetch, buyer.client)(seller.url)
  expect(response.status).toBe(200)
  expect(refusals).toMatchObject([{ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt' }])
  expect(await buyer.records()).toMatchObject([{ state: 'settled', delivery: 'delivered' }])
})

for (const [where, createLedger] of ledgers) {
  it.each([undefined, 'order-7'])(
    `begin by an id: twenty at once have one payment, under the key %s${where}`,
    async (purchase) => {
      const { client, signatures, records } = createBuyer({ ledger: createLedger() })
      const { id, payload } = await client.begin(askFor(), { url, purchase })
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => client.begin(id)))
      const opened = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
      expect(opened.length).toBeGreaterThan(0)
      for (const one of opened) expect(one.payload).toEqual(payload)
      expect(refused).toEqual(refused.map(() => 'PURCHASE_UNDER_WAY'))
      await opened[0]?.lost()
      expect((await client.begin(id)).payload).toEqual(payload)
      expect([signatures(), (await records()).length]).toEqual([1, 1])
    },
  )
}

it('begin: is handed what a wrapper lost, and a wrapper what begin lost', async () => {
  const ledger = createMemoryLedger()
  const { client, signatures, records } = createBuyer({ ledger })
  let isLosing = true
  const seller = await openSeller((request, response) => {
    if (request.payment !== undefined && isLosing) response.destroy()
    else sell(request, response)
  })
  const paidFetch = wrapFetchWithPayment(fetch, client)
  await refusalOf(paidFetch(seller.url, { x402: { redeliver: 'never' } }))
  const terms = askFor(undefined, { resource: { url: seller.url } })
  const open = await client.begin(terms, { url: seller.url })
  expect(signatures()).toBe(1)
  await open.lost()
  isLosing = false
  expect((await paidFetch(seller.url)).status).toBe(200)
  expect(signatures()).toBe(1)
  expect(await records()).toMatchObject([{ id: open.id, delivery: 'delivered' }])
})

type Told = { id: string; signed: unknown; signatures: number; money?: string; delivery?: string }

/** Starts a process that begins, waits until it has told what, and kills it. */
async function beginElsewhere(
  ...args: [path: string, asked: string, purchase?: string, answered?: string]
): Promise<Told> {
  const child = await startChild(
    'begin-payment',
    args.map((one) => one ?? ''),
  )
  for await (const line of child.lines) {
    await child.kill()
    return JSON.parse(line)
  }
  throw new Error('the process told nothing')
}

describe('a process that is killed between begin and the response', { timeout: 60_000 }, () => {
  for (const [how, purchase] of [
    ['without a key', ''],
    ['under a key', 'order-7'],
  ] as const) {
    it(`leaves one payment that counts, which the next process is handed ${how}`, async () => {
      const path = await createLedgerPath()
      const first = await beginElsewhere(path, url, purchase)
      const ledger = await createFileLedger(path)
      const { client, records } = createBuyer({ ledger, limits: { total: '$0.01' } })
      expect(await records()).toMatchObject([{ id: first.id, state: 'sent', delivery: 'lost' }])
      expect(await refusalOf(client.begin(askFor(), { url: `${url}/2` }))).toMatchObject({
        code: 'LIMIT_TOTAL',
        money: 'untouched',
      })
      await ledger.close()
      const second = await beginElsewhere(path, url, purchase)
      expect(second).toMatchObject({ id: first.id, signed: first.signed, signatures: 0 })
    })

    it(`leaves one payment that another process opens by its id, begun ${how}`, async () => {
      const path = await createLedgerPath()
      const first = await beginElsewhere(path, url, purchase)
      const second = await beginElsewhere(path, first.id, '', JSON.stringify({ receipt }))
      expect(second).toEqual({ ...first, signatures: 0, money: 'settled', delivery: 'delivered' })
      const ledger = await createFileLedger(path)
      const { client, records } = createBuyer({ ledger })
      expect(await records()).toMatchObject([{ id: first.id, state: 'settled', delivery: 'delivered' }])
      expect(await refusalOf(client.begin(first.id))).toMatchObject({ code: 'CANNOT_REOPEN', money: 'settled' })
      await ledger.close()
    })
  }
})

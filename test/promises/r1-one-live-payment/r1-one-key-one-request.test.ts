import { describe, expect, it } from 'vitest'
import type { Payer } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { createLocalFetch, localDelivery, localTerms } from '../../support/money/create-local-fetch.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const URL = 'https://seller.example/report'
const order = (init: RequestInit = {}, tags: readonly string[] = []) =>
  calling({ purchase: 'order-7', redeliver: 'never', tags }, { method: 'POST', body: 'draft', ...init })

const others: Readonly<Record<string, readonly [url: string, init: RequestInit]>> = {
  body: [URL, order({ body: 'final' })],
  method: [URL, order({ method: 'PUT' })],
  path: [`${URL}/other`, order()],
  query: [`${URL}?of=today`, order()],
  tag: [URL, order({}, ['research'])],
  'API key': [URL, order({ headers: { 'x-api-key': 'bob' } })],
}

/** Two who share a ledger. */
type Pair = { readonly one: Payer; readonly other: Payer; signatures(): number }

function pairUp(first: Ledger, second: Ledger): Pair {
  const [one, other] = [createBriskBuyer({ ledger: first }), createBriskBuyer({ ledger: second })]
  return { one: one.client, other: other.client, signatures: () => one.signatures() + other.signatures() }
}

const pairs: Readonly<Record<string, () => Pair>> = {
  'one client': () => {
    const { client, signatures } = createBriskBuyer()
    return { one: client, other: client, signatures }
  },
  'two clients of one ledger': () => {
    const ledger = createMemoryLedger()
    return pairUp(ledger, ledger)
  },
  // Nothing but the ledger itself tells them of each other, as in two processes.
  'two clients that each see the same ledger through a wrapper': () => {
    const ledger = createMemoryLedger()
    return pairUp({ ...ledger }, { ...ledger })
  },
  'two clients that each see the same slow ledger through a wrapper': () => {
    const ledger = createMemoryLedger()
    return pairUp(createSlowLedger(ledger), createSlowLedger(ledger))
  },
  'a client and its restricted child': () => {
    const { client, signatures } = createBriskBuyer()
    return { one: client, other: client.restrict({ reach: 'anywhere' }), signatures }
  },
}

for (const [who, pair] of Object.entries(pairs)) {
  describe.each(Object.entries(others))(
    `R1, ${who}, one key for another %s: PURCHASE_KEY_REUSED`,
    (_what, [url, init]) => {
      it('while the first request is in flight, and its response is never the other’s', async () => {
        const { one, other, signatures } = pair()
        const [sent, answered] = [createGate(), createGate()]
        let sends = 0
        const localFetch = createLocalFetch(async ({ payment }) => {
          if (payment === undefined) return localTerms()
          sends++
          sent.open()
          await answered.passed
          return localDelivery()
        })
        const first = wrapFetchWithPayment(localFetch, one)(URL, order())
        await sent.passed
        const error = await refusalOf(wrapFetchWithPayment(localFetch, other)(url, init))
        expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched', response: { status: 402 } })
        answered.open()
        expect(await (await first).text()).toBe('bought')
        expect([sends, signatures()]).toEqual([1, 1])
      })

      it('while the payment of the first is open, which stays so for the first', async () => {
        const { one, other, signatures } = pair()
        const presented: string[] = []
        const localFetch = createLocalFetch(({ payment }) => {
          if (payment === undefined) return localTerms()
          presented.push(payment)
          return presented.length === 1 ? new Response('busy', { status: 409 }) : localDelivery()
        })
        expect((await wrapFetchWithPayment(localFetch, one)(URL, order())).status).toBe(409)
        const error = await refusalOf(wrapFetchWithPayment(localFetch, other)(url, init))
        expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
        expect(presented).toHaveLength(1)
        expect((await wrapFetchWithPayment(localFetch, one)(URL, order())).status).toBe(200)
        expect(new Set(presented).size).toBe(1)
        expect(signatures()).toBe(1)
      })

      it('of two that ask at the same moment, whichever comes second', async () => {
        const { one, other, signatures } = pair()
        const [asked, answered] = [createGate(), createGate()]
        let asks = 0
        const localFetch = createLocalFetch(async ({ payment }) => {
          if (payment === undefined) {
            if (++asks === 2) asked.open()
            await asked.passed
            return localTerms()
          }
          await answered.passed
          return localDelivery()
        })
        const calls = [
          wrapFetchWithPayment(localFetch, one)(URL, order()),
          wrapFetchWithPayment(localFetch, other)(url, init),
        ]
        const error = await Promise.any(calls.map(refusalOf))
        expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
        answered.open()
        const settled = await Promise.allSettled(calls)
        expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
        expect(signatures()).toBe(1)
      })
    },
  )

  describe.each(['authorization', 'cookie'])(`R1, ${who}, one key with another %s`, (name) => {
    it('is the same request: what the first one lost is presented', async () => {
      const { one, other, signatures } = pair()
      const presented: string[] = []
      const localFetch = createLocalFetch(({ payment }) => {
        if (payment === undefined) return localTerms()
        presented.push(payment)
        return presented.length === 1 ? new Response('broken', { status: 500 }) : localDelivery()
      })
      const call = (client: Payer, value: string) =>
        wrapFetchWithPayment(localFetch, client)(URL, order({ headers: { [name]: value } }))
      expect((await call(one, 'stale')).status).toBe(500)
      expect((await call(other, 'fresh')).status).toBe(200)
      expect(new Set(presented).size).toBe(1)
      expect(signatures()).toBe(1)
    })
  })
}

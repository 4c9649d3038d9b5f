import { describe, expect, it, onTestFinished } from 'vitest'
import type { Payer } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { createLocalFetch, localDelivery, localTerms } from '../../support/money/create-local-fetch.js'
import { askFor } from '../../unit/flow/ask-for.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const URL = 'https://seller.example/report'
const order = () => calling({ purchase: 'order-7', redeliver: 'never' })

async function openFileLedger(): Promise<Ledger> {
  const ledger = await createFileLedger(await createLedgerPath())
  onTestFinished(() => ledger.close())
  return ledger
}

/** Two clients that share a ledger, and how many signatures both made. */
type Pair = { readonly one: Payer; readonly other: Payer; signatures(): number }

function pairUp(first: Ledger, second: Ledger): Pair {
  const [one, other] = [createBriskBuyer({ ledger: first }), createBriskBuyer({ ledger: second })]
  return { one: one.client, other: other.client, signatures: () => one.signatures() + other.signatures() }
}

const pairs: Readonly<Record<string, () => Promise<Pair>>> = {
  'two clients of one memory ledger': async () => {
    const ledger = createMemoryLedger()
    return pairUp(ledger, ledger)
  },
  'two clients of one file ledger': async () => {
    const ledger = await openFileLedger()
    return pairUp(ledger, ledger)
  },
  // Nothing but the ledger itself tells them of each other, as in two processes.
  'two clients that each see the same ledger through a wrapper': async () => {
    const ledger = createMemoryLedger()
    return pairUp({ ...ledger }, { ...ledger })
  },
  'a client and its restricted child': async () => {
    const { client, signatures } = createBriskBuyer()
    return { one: client, other: client.restrict({ reach: 'anywhere' }), signatures }
  },
  'a restricted child and its parent': async () => {
    const { client, signatures } = createBriskBuyer()
    return { one: client.restrict({ reach: 'anywhere' }), other: client, signatures }
  },
}

/** What only the ledger itself tells of each other. */
const apart = 'two clients that each see the same ledger through a wrapper'

for (const [who, pair] of Object.entries(pairs)) {
  const isJoined = who !== apart
  describe(`R1, ${who}, one key:`, () => {
    it(`while one has sent its payment the other ${isJoined ? 'waits for a copy' : 'is refused'}, and signs nothing`, async () => {
      const { one, other, signatures } = await pair()
      const [sent, answered] = [createGate(), createGate()]
      const localFetch = createLocalFetch(async ({ payment }) => {
        if (payment === undefined) return localTerms()
        sent.open()
        await answered.passed
        return localDelivery()
      })
      const first = wrapFetchWithPayment(localFetch, one)(URL, order())
      await sent.passed
      const second = wrapFetchWithPayment(localFetch, other)(URL, order())
      if (!isJoined) {
        const error = await refusalOf(second)
        expect(error).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt', response: { status: 402 } })
      }
      answered.open()
      expect(await (await first).text()).toBe('bought')
      if (isJoined) expect(await (await second).text()).toBe('bought')
      expect(signatures()).toBe(1)
    })

    it('of many that ask at once one pays', async () => {
      const { one, other, signatures } = await pair()
      const answered = createGate()
      const localFetch = createLocalFetch(async ({ payment }) => {
        if (payment === undefined) return localTerms()
        await answered.passed
        return localDelivery()
      })
      const call = (client: Payer) => wrapFetchWithPayment(localFetch, client)(URL, order())
      const calls = Array.from({ length: 10 }, () => [call(one), call(other)])
      if (!isJoined) {
        const refusals = await Promise.any(
          [0, 1].map((n) => Promise.all(calls.map((pair) => refusalOf(pair[n] ?? Promise.resolve())))),
        )
        expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['PURCHASE_UNDER_WAY']))
      }
      answered.open()
      const settled = await Promise.allSettled(calls.flat())
      expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(isJoined ? 20 : 10)
      expect(signatures()).toBe(1)
    })

    it('one that was answered before lets the other buy anew', async () => {
      const { one, other, signatures } = await pair()
      const localFetch = createLocalFetch(({ payment }) => (payment === undefined ? localTerms() : localDelivery()))
      for (const client of [one, other]) await wrapFetchWithPayment(localFetch, client)(URL, order())
      expect(signatures()).toBe(2)
    })

    it('without the key both pay', async () => {
      const { one, other, signatures } = await pair()
      const localFetch = createLocalFetch(({ payment }) => (payment === undefined ? localTerms() : localDelivery()))
      await Promise.all([one, other].map((client) => wrapFetchWithPayment(localFetch, client)(URL)))
      expect(signatures()).toBe(2)
    })
  })
}

describe('R1, one key on one ledger', () => {
  it('is one purchase when the other client began while the first was under way, though it was asked to pay later', async () => {
    const ledger = createMemoryLedger()
    const { one, other, signatures } = pairUp(ledger, ledger)
    const late = createGate()
    const slowFetch = createLocalFetch(async () => {
      await late.passed
      return localTerms()
    })
    const localFetch = createLocalFetch(({ payment }) => (payment === undefined ? localTerms() : localDelivery()))
    const slow = wrapFetchWithPayment(slowFetch, other)(URL, order())
    await wrapFetchWithPayment(localFetch, one)(URL, order())
    late.open()
    expect(await (await slow).text()).toBe('bought')
    expect(signatures()).toBe(1)
  })

  it('is presented again by the other client once the answer is lost', async () => {
    const ledger = createMemoryLedger()
    const { one, other, signatures } = pairUp(ledger, ledger)
    const presented: string[] = []
    const localFetch = createLocalFetch(({ payment }) => {
      if (payment === undefined) return localTerms()
      presented.push(payment)
      if (presented.length === 1) throw new TypeError('fetch failed')
      return localDelivery()
    })
    await refusalOf(wrapFetchWithPayment(localFetch, one)(URL, order()))
    expect((await wrapFetchWithPayment(localFetch, other)(URL, order())).status).toBe(200)
    expect(new Set(presented).size).toBe(1)
    expect(signatures()).toBe(1)
  })

  it('is presented again by the other client when the answer is lost while it selects', async () => {
    const ledger = createMemoryLedger()
    const one = createBriskBuyer({ ledger: { ...ledger } })
    const [selecting, lost] = [createGate(), createGate()]
    const other = createBriskBuyer({ ledger: { ...ledger } })
    other.client.onBeforePaymentCreation(async () => {
      selecting.open()
      await lost.passed
    })
    const [asked, sent, broken] = [createGate(), createGate(), createGate()]
    one.client.onBeforePaymentCreation(() => asked.passed)
    let sends = 0
    const localFetch = createLocalFetch(async ({ payment }) => {
      if (payment === undefined) return localTerms()
      if (++sends > 1) return localDelivery()
      sent.open()
      await broken.passed
      throw new TypeError('fetch failed')
    })
    const first = refusalOf(wrapFetchWithPayment(localFetch, one.client)(URL, order()))
    const second = wrapFetchWithPayment(localFetch, other.client)(URL, order())
    await selecting.passed
    asked.open()
    await sent.passed
    broken.open()
    await first
    lost.open()
    expect((await second).status).toBe(200)
    expect([one.signatures(), other.signatures()]).toEqual([1, 0])
  })

  it('is presented again by a restricted child, within its own limits', async () => {
    const { client, signatures } = createBriskBuyer()
    const presented: string[] = []
    const localFetch = createLocalFetch(({ payment }) => {
      if (payment === undefined) return localTerms()
      presented.push(payment)
      if (presented.length === 1) throw new TypeError('fetch failed')
      return localDelivery()
    })
    await refusalOf(wrapFetchWithPayment(localFetch, client)(URL, order()))
    const poor = client.restrict({ reach: 'anywhere', perPayment: '$0' })
    const refused = await refusalOf(wrapFetchWithPayment(localFetch, poor)(URL, order()))
    expect(refused).toMatchObject({ code: 'LIMIT_PER_PAYMENT', money: 'in-doubt' })
    expect((await wrapFetchWithPayment(localFetch, client.restrict({ reach: 'anywhere' }))(URL, order())).status).toBe(
      200,
    )
    expect(new Set(presented).size).toBe(1)
    expect(signatures()).toBe(1)
  })

  it('signs one payment by hand, however many ask for it at once', async () => {
    const { client, signatures } = createBriskBuyer()
    const make = () => client.createPaymentPayload(askFor(), { url: URL, purchase: 'order-7' })
    const settled = await Promise.allSettled([make(), make(), make()])
    const payload = await make()
    for (const one of settled) {
      if (one.status === 'fulfilled') expect(one.value).toEqual(payload)
      else expect(one.reason).toMatchObject({ code: 'PURCHASE_UNDER_WAY' })
    }
    expect(signatures()).toBe(1)
  })
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { isX402Error } from '../../../src/errors/x402-error.js'
import type { WrapFetchOptions } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { ChainVerdict } from '../../../src/payment/scheme.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import {
  drops,
  inTurn,
  type PaidAnswer,
  paymentHeaders,
  pays,
  refuses,
  says,
} from '../../support/money/paid-answers.js'
import { type Row, readRows } from '../../support/money/read-rows.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay, createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** How one row comes about. */
type Case = {
  readonly answers?: readonly PaidAnswer[]
  readonly options?: ClientOptions
  readonly wrap?: WrapFetchOptions
  /** The first call, where it is more than a call. */
  readonly call?: (shop: Shop) => Promise<Response>
  /** What happens after it; what it returns is where the money is then. */
  readonly after?: (shop: Shop) => Promise<string | undefined>
  /** What the next call says that the first one didn't. */
  readonly next?: RequestInit
  /** The process ends after the first call. Makes what opens the ledger of each process. */
  readonly restarts?: () => Promise<() => Promise<Ledger>>
}

const withReceipt = (success: boolean) => ({
  'payment-response': encodeJsonHeader({ success, transaction: success ? TRANSACTION : '', network: NETWORK }),
})
const thrice = (answer: PaidAnswer) => [answer, answer, answer, pays]
const silence: PaidAnswer = () => undefined
const lost = thrice(drops)
const USED = 'invalid_exact_evm_nonce_already_used'

const cases: Readonly<Record<string, Case>> = {
  'limit-refuses': { options: { limits: { perPayment: '$0.001' } } },
  'person-refuses': { options: { limits: { approve: () => false } } },
  'wallet-fails': {
    call: async ({ call, buyer }) => {
      buyer.wallet.isLocked = true
      return call().finally(() => {
        buyer.wallet.isLocked = false
      })
    },
  },
  'aborted-before': {
    call: async ({ call, buyer }) => {
      const abort = new AbortController()
      buyer.client.onAfterPaymentCreation(async () => abort.abort())
      return call({ signal: abort.signal })
    },
  },
  delivered: { answers: [pays] },
  'no-receipt': { answers: [says(200)] },
  'wrong-receipt': { answers: [says(200, withReceipt(false))] },
  'accepted-receipt': {
    answers: [says(202, { 'payment-response': encodeJsonHeader({ success: true, network: NETWORK }) }), pays],
  },
  'bad-request': { answers: [says(404)] },
  'server-error': { answers: [says(500), pays] },
  'paid-server-error': { answers: [says(500, withReceipt(true)), pays] },
  'not-now': { answers: thrice(says(503)) },
  pending: { answers: thrice(refuses('settlement_pending')) },
  'second-402': { answers: [refuses('Payment required'), pays] },
  used: { answers: [refuses(USED), refuses(USED), pays] },
  'connection-lost': { answers: lost },
  'aborted-after': {
    answers: [silence, pays],
    call: async ({ call, paid }) => {
      const abort = new AbortController()
      const answer = call({ signal: abort.signal })
      await Promise.race([paid, answer])
      abort.abort()
      return answer
    },
  },
  'timed-out': {
    answers: [silence, pays],
    wrap: { timeouts: { paidMs: 30_000 } },
    call: async ({ call, paid }) => {
      const pass = stopTimers()
      const answer = call()
      await Promise.race([paid, answer])
      pass(30_000)
      return answer
    },
  },
  redirected: { answers: [says(302, { location: 'https://elsewhere.example/' }), pays] },
  'other-terms': {
    answers: lost,
    after: async ({ terms }) => {
      terms.amount = '9999'
      return undefined
    },
  },
  'charged-404': { answers: [says(404), pays], options: { delivers: [404] } },
  expired: {
    answers: lost,
    after: async ({ buyer }) => {
      buyer.clock.advance(61)
      return undefined
    },
  },
  over: {
    answers: lost,
    after: async ({ buyer }) => {
      buyer.clock.advance(60 + 600)
      return undefined
    },
  },
  'other-token': { answers: lost, next: { headers: { authorization: 'Bearer 2' } } },
  'refreshed-token': { answers: [says(401), pays], next: { headers: { authorization: 'Bearer 2' } } },
  'limit-lowered': { answers: lost, next: calling({ max: '$0' }) },
  forgotten: {
    answers: lost,
    after: async ({ buyer }) => {
      await buyer.client.forget(await findLost(buyer))
      const [payment] = await buyer.client.payments()
      return payment?.money
    },
  },
  'chain-says-spent': { answers: lost, after: ({ buyer }) => reconcile(buyer, 'spent') },
  'chain-says-dead': {
    answers: lost,
    after: async ({ buyer }) => {
      buyer.clock.advance(120)
      return reconcile(buyer, 'unspent-and-dead')
    },
  },
  'chain-says-dead-too-soon': {
    answers: lost,
    after: async ({ buyer }) => {
      buyer.clock.advance(59)
      return reconcile(buyer, 'unspent-and-dead')
    },
  },
  canceled: {
    answers: lost,
    after: async ({ buyer }) => (await buyer.client.cancel(await findLost(buyer))).money,
  },
  'restart-in-memory': { answers: lost, restarts: async () => async () => createMemoryLedger() },
  'restart-in-file': { answers: lost, restarts: createFile },
}

const rows = readRows()

describe('what happens to my money if', () => {
  it('every row has a case, and every case a row', () => {
    expect(rows.map(({ id }) => id)).toEqual(Object.keys(cases))
  })

  it.each(rows)('$id: the money is $money, $counts counts, the next call is $next', async (row) => {
    expect({ id: row.id, ...(await observe(cases[row.id] ?? {})) }).toEqual(row)
  })
})

type Buyer = ReturnType<typeof createProvingBuyer>

/** A seller and a buyer, with the purchase that every row is about. */
type Shop = {
  readonly buyer: Buyer
  readonly call: (init?: RequestInit) => Promise<Response>
  /** Passes when the first payment reached the seller. */
  readonly paid: Promise<void>
  /** What the seller asks for. */
  readonly terms: { amount: string }
  /** How many payments reached the seller. */
  sends(): number
  /** The same shop for the next process. */
  restart(ledger: Ledger): Shop
}

async function openShop({ answers = [pays], options = {}, wrap = {} }: Case): Promise<Shop> {
  const { passed: paid, open } = createGate()
  const terms = { amount: '10000' }
  const sell = inTurn(...answers)
  const seller = await openSeller((request, response) => {
    if (request.payment === undefined) return askToPay(response, createRequired([createOffer(terms)]))
    open()
    return sell(request, response)
  })
  const enter = (buyer: Buyer): Shop => ({
    buyer,
    call: (init) => buyer.paidFetch(seller.url, init),
    paid,
    terms,
    sends: () => paymentHeaders(seller).length,
    restart: (ledger) => enter(createProvingBuyer({ ...options, ledger }, wrap)),
  })
  return enter(createProvingBuyer(options, wrap))
}

/** What a row promises, as it really is. */
async function observe(given: Case): Promise<Omit<Row, 'id'>> {
  const openLedger = await given.restarts?.()
  const ledger = await openLedger?.()
  const first = await openShop(ledger === undefined ? given : { ...given, options: { ledger } })
  const { money } = await outcomeOf(given.call?.(first) ?? first.call())
  const later = await given.after?.(first)
  const shop = openLedger === undefined ? first : first.restart(await openLedger())
  const [perDay] = await shop.buyer.client.spending()
  const counts = perDay?.spent === '$0.00' && perDay.held === '$0.00' ? 'nothing' : 'the amount'
  return { money: later ?? money, counts, next: await callAgain(shop, given.next) }
}

async function callAgain({ buyer, call, sends }: Shop, init: RequestInit | undefined): Promise<string> {
  const before = { signatures: buyer.signatures(), sends: sends() }
  const { code } = await outcomeOf(call(init))
  if (buyer.signatures() > before.signatures) return 'a new purchase'
  return sends() > before.sends ? 'the same payment' : `error ${code}`
}

async function outcomeOf(answer: Promise<Response>): Promise<{ money: string; code: string }> {
  try {
    return { money: paymentOf(await answer)?.money ?? 'untouched', code: 'none' }
  } catch (error) {
    if (!isX402Error(error)) throw error
    return error
  }
}

async function findLost({ client }: Buyer): Promise<string> {
  const [lost] = await client.inDoubt()
  return lost?.id ?? 'none'
}

async function reconcile({ client, chain }: Buyer, verdict: ChainVerdict['verdict']): Promise<string | undefined> {
  chain.verdict = verdict
  const [found] = await client.reconcile()
  return found?.money
}

/** A ledger in a file of its own: each call opens it again, after it was closed. */
async function createFile(): Promise<() => Promise<Ledger>> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-'))
  let opened: FileLedger | undefined
  onTestFinished(async () => {
    await opened?.close()
    await rm(folder, { recursive: true })
  })
  return async () => {
    await opened?.close()
    opened = await createFileLedger(join(folder, 'payments.ledger'))
    return opened
  }
}

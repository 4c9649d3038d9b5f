import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, paymentHeaders, pays, refuses, says } from '../../support/money/paid-answers.js'
import { stopTimers } from '../../support/money/stop-timers.js'
import { askToPay, createOffer, createRequired, NETWORK, sell, TRANSACTION } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const post = { method: 'POST', body: 'question' }
const receipt = encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK })

describe('R6, the money is untouched only when nothing was signed:', () => {
  it('a limit refuses', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer({ limits: { perPayment: '$0.001' } })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ money: 'untouched' })
    expect(buyer.signatures()).toBe(0)
  })

  it('no offer can be paid', async () => {
    const seller = await openSeller((_request, response) =>
      askToPay(response, createRequired([createOffer({ scheme: 'other' })])),
    )
    const buyer = createBriskBuyer()
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
    expect(buyer.signatures()).toBe(0)
  })

  it('the call is aborted while a person decides, and the person is not waited for', async () => {
    const seller = await openSeller(sell)
    const abort = new AbortController()
    const buyer = createBriskBuyer({
      limits: {
        approve() {
          abort.abort(new DOMException('Too slow.', 'TimeoutError'))
          return new Promise<boolean>(() => undefined)
        },
      },
    })
    const error = await refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', name: 'TimeoutError', money: 'untouched' })
    expect(await buyer.records()).toEqual([])
    expect(buyer.signatures()).toBe(0)
  })

  it('timeouts.unpaidMs is over, which is no error of ours', async () => {
    const pass = stopTimers()
    const seller = await openSeller(() => pass(30_000))
    const buyer = createBriskBuyer({}, { timeouts: { unpaidMs: 30_000 } })
    await expect(buyer.paidFetch(seller.url)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(seller.requests).toHaveLength(1)
    expect(await buyer.records()).toEqual([])
  })
})

describe('R6, the money is in doubt when a payment left and nothing proves what became of it:', () => {
  it('the call is aborted after the payment was sent, and the next call presents the same one', async () => {
    const { passed, open } = createGate()
    const seller = await openSeller(inTurn(open, pays))
    const buyer = createBriskBuyer()
    const abort = new AbortController()
    const call = refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    await passed
    abort.abort()
    expect(await call).toMatchObject({
      code: 'ABORTED',
      name: 'AbortError',
      money: 'in-doubt',
      cause: { name: 'AbortError' },
    })
    expect(paymentHeaders(seller)).toHaveLength(1)
    expect(await buyer.records()).toMatchObject([{ state: 'sent', delivery: 'lost' }])
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('timeouts.paidMs is over, and the next call presents the same payment', async () => {
    const pass = stopTimers()
    const seller = await openSeller(inTurn(() => pass(30_000), pays))
    const buyer = createBriskBuyer({}, { timeouts: { paidMs: 30_000 } })
    const error = await refusalOf(buyer.paidFetch(seller.url, post))
    expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt', cause: { name: 'TimeoutError' } })
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('timeouts.paidMs is over after several sends, since it counts for all of them', async () => {
    const pass = stopTimers()
    const dropsLate: Handler = (request, response) => {
      pass(20_000)
      return drops(request, response)
    }
    const seller = await openSeller(inTurn(dropsLate, () => pass(10_000), pays))
    const buyer = createBriskBuyer({}, { timeouts: { paidMs: 30_000 } })
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt', cause: { name: 'TimeoutError' } })
    expect(paymentHeaders(seller)).toHaveLength(2)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it('timeouts.paidMs is over in the pause before the payment is presented again', async () => {
    const seller = await openSeller(inTurn(says(503), pays))
    const pass = stopTimers()
    const untilAborted = (_ms: number, signal: AbortSignal | undefined) =>
      new Promise<void>((resolve) => {
        signal?.addEventListener('abort', () => resolve())
        pass(30_000)
      })
    const clock = { ...createBriskClock(), wait: untilAborted }
    const buyer = createBriskBuyer({ clock }, { timeouts: { paidMs: 30_000 } })
    const response = await buyer.paidFetch(seller.url)
    expect(response.status).toBe(503)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', delivery: 'lost' })
    expect(paymentHeaders(seller)).toHaveLength(1)
  })

  it('the call is aborted in the pause before the payment is presented again', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const abort = new AbortController()
    const clock = { ...createBriskClock(), wait: async () => abort.abort() }
    const buyer = createBriskBuyer({ clock })
    const error = await refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    expect(error.money).toBe('in-doubt')
    expect(paymentHeaders(seller)).toHaveLength(1)
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it('the seller says that it failed', async () => {
    const seller = await openSeller(inTurn(refuses('invalid_exact_evm_insufficient_balance')))
    const buyer = createBriskBuyer()
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
  })

  it('a 200 comes without a receipt', async () => {
    const seller = await openSeller(inTurn(says(200)))
    const buyer = createBriskBuyer()
    expect(paymentOf(await buyer.paidFetch(seller.url))).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
  })

  it('the ledger fails when a payment that had left is presented again', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const works = createMemoryLedger()
    let isFull = false
    const ledger: Ledger = {
      ...works,
      note: (...event) => (isFull ? Promise.reject(new Error('disk full')) : works.note(...event)),
    }
    const buyer = createBriskBuyer({ ledger })
    await refusalOf(buyer.paidFetch(seller.url, post))
    isFull = true
    const error = await refusalOf(buyer.paidFetch(seller.url, post))
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'in-doubt' })
    expect(error.message).not.toContain('never left')
  })
})

describe('R6, the money is settled once a receipt says so:', () => {
  it('whatever the status is', async () => {
    const seller = await openSeller(inTurn(says(500, { 'payment-response': receipt })))
    const buyer = createBriskBuyer()
    expect(paymentOf(await buyer.paidFetch(seller.url))).toMatchObject({ money: 'settled', delivery: 'lost' })
  })

  it('beside a second 402, whose error says that it was paid', async () => {
    const seller = await openSeller(inTurn(says(402, { 'payment-response': receipt })))
    const buyer = createBriskBuyer()
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ money: 'settled' })
  })

  it('also when a later answer is lost', async () => {
    const seller = await openSeller(inTurn(says(503, { 'payment-response': receipt }), drops))
    const buyer = createBriskBuyer()
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(await buyer.records()).toMatchObject([{ state: 'settled', delivery: 'lost' }])
    expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'settled' })
  })

  it('and the same payment is presented until what it bought is delivered', async () => {
    const seller = await openSeller(inTurn(says(500, { 'payment-response': receipt }), says(500), pays))
    const buyer = createBriskBuyer()
    await buyer.paidFetch(seller.url)
    expect(paymentOf(await buyer.paidFetch(seller.url))).toMatchObject({ money: 'settled', delivery: 'lost' })
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })
})

describe('R6, the money is released when a signature was dropped before it left:', () => {
  it('a hook stops the payment', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer()
    buyer.client.onAfterPaymentCreation(async () => {
      throw new Error('no')
    })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'released' })
    expect(await buyer.records()).toMatchObject([{ state: 'released' }])
    expect(seller.authorizations().size).toBe(0)
  })
})

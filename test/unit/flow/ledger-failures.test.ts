import { describe, expect, it } from 'vitest'
import type { PaidRequestInit } from '../../../src/fetch/exchange.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createConflict } from '../../../src/ledger/error.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { listWarnings } from '../../support/list-warnings.js'
import { drops, inTurn, paymentHeaders } from '../../support/money/paid-answers.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../fetch/open-seller.js'
import { askFor } from './ask-for.js'
import { refusalOf } from './refusal-of.js'

const cause = new Error('disk full')
const fail = () => Promise.reject(cause)

describe('a ledger that fails', () => {
  it('error: LEDGER_UNAVAILABLE when it can’t reserve, and nothing is signed', async () => {
    const { seller, buyer } = await open(() => ({ reserve: fail }))
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(error).toMatchObject({ name: 'LimitError', code: 'LEDGER_UNAVAILABLE', money: 'untouched', cause })
    expect(buyer.signatures()).toBe(0)
    expect(seller.requests).toHaveLength(1)
  })

  it('error: LEDGER_UNAVAILABLE when it can’t say whether a payment waits, and nothing is signed', async () => {
    const { seller, buyer } = await open(() => ({ claim: fail }))
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'untouched', cause })
    expect(buyer.signatures()).toBe(0)
  })

  it('error: LEDGER_UNAVAILABLE when it can’t write the payment down as sent, and it is not sent', async () => {
    const { seller, buyer } = await open(failingTo('sent'))
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'LEDGER_UNAVAILABLE', money: 'signed', cause })
    expect(buyer.signatures()).toBe(1)
    expect(seller.requests).toHaveLength(1)
  })

  it.each([
    ['sent', 'in-doubt'],
    ['settled', 'in-doubt'],
    ['released', 'signed'],
    ['reserved', 'signed'],
  ] as const)(
    'error: LEDGER_UNAVAILABLE when it can’t release a payment that is %s by now, and the money is %s',
    async (conflict, money) => {
      const { seller, buyer, warnings } = await open((ledger) => ({
        async note(id, event) {
          if (event.type === 'released') throw createConflict(id, { conflict, event: 'released' })
          await ledger.note(id, event)
          throw cause
        },
      }))
      const error = await refusalOf(buyer.paidFetch(seller.url))
      expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money, cause })
      expect(warnings).toMatchObject([{ code: 'LEDGER_BEHIND', cause: { code: 'LEDGER_CONFLICT' } }])
    },
  )

  it('error: LEDGER_UNAVAILABLE when a payment to hand out can’t be written down, and it is not handed out', async () => {
    const { seller, buyer } = await open(failingTo('sent'))
    const error = await refusalOf(buyer.client.createPaymentPayload(askFor(), { url: seller.url }))
    expect(error).toMatchObject({ name: 'DeliveryError', code: 'LEDGER_UNAVAILABLE', money: 'signed', cause })
  })

  it('counts no payment that was dropped before it was sent', async () => {
    const { seller, buyer } = await open(failingTo('sent'))
    await refusalOf(buyer.paidFetch(seller.url))
    expect(await buyer.records()).toMatchObject([{ state: 'released' }])
  })

  it('takes no paid answer away when it can’t note the outcome', async () => {
    const { seller, buyer, warnings } = await open(failingTo('delivered'))
    const response = await buyer.paidFetch(seller.url)
    expect(await response.text()).toBe('{"ok":true}')
    expect(warnings).toMatchObject([{ code: 'LEDGER_BEHIND', cause }])
    expect(await buyer.records()).toMatchObject([{ state: 'sent', terms: { amount: 10_000n } }])
  })

  it.each([
    ['a request', undefined],
    ['a key', 'order 1'],
  ])(
    'presents the same payment again where the step that wrote it down failed after it was done, named by %s',
    async (_, purchase) => {
      const { seller, buyer, faults } = await openForgetful()
      const call = () =>
        refusalOf(
          buyer.paidFetch(seller.url, {
            x402: { redeliver: 'never', ...(purchase && { purchase }) },
          } as PaidRequestInit),
        )
      expect(await call()).toMatchObject({ code: 'ANSWER_LOST' })
      faults.isReplyLost = true
      expect(await call()).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'in-doubt' })
      faults.isReplyLost = false
      expect(await buyer.records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
      expect(await call()).toMatchObject({ code: 'ANSWER_LOST' })
      expect(buyer.signatures()).toBe(1)
      expect(new Set(paymentHeaders(seller)).size).toBe(1)
    },
  )

  it('hides no refusal when it can’t release the money', async () => {
    const { seller, buyer, warnings } = await open(failingTo('released'))
    buyer.client.onAfterPaymentCreation(async () => {
      throw new Error('no')
    })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'REFUSED_BY_HOOK' })
    expect(warnings).toMatchObject([{ code: 'LEDGER_BEHIND', cause }])
    expect(seller.requests).toHaveLength(1)
  })
})

/** A seller, and a buyer whose ledger fails in some ways. */
async function open(breakDown: (works: Ledger) => Partial<Ledger>) {
  const works = createMemoryLedger()
  const buyer = createBuyer({ ledger: { ...works, ...breakDown(works) } })
  return { seller: await openSeller(sell), buyer, warnings: listWarnings(buyer.client) }
}

/** A seller that drops what is paid for, and a buyer whose ledger does its steps and says that they failed, while a test wants that. */
async function openForgetful() {
  const works = createMemoryLedger()
  const faults = { isReplyLost: false }
  const ledger: Ledger = {
    ...works,
    async note(id, event) {
      const payment = await works.note(id, event)
      if (faults.isReplyLost && event.type === 'sent') throw cause
      return payment
    },
  }
  return { seller: await openSeller(inTurn(drops)), buyer: createBuyer({ ledger }), faults }
}

/** Everything works but noting one kind of event. */
function failingTo(type: PaymentEvent['type']): (works: Ledger) => Partial<Ledger> {
  return (works) => ({ note: (id, event) => (event.type === type ? fail() : works.note(id, event)) })
}

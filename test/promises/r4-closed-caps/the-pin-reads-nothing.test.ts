import { beforeAll, describe, expect, it } from 'vitest'
import { createBook } from '../../../src/ledger/book/book.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createPins } from '../../../src/ledger/book/pins.js'
import { systemClock } from '../../../src/payment/clock.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import { isRefusal, type Ledger } from '../../../src/payment/ledger.js'
import { openPayment } from '../../../src/payment/payment.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { sent } from '../../../src/testing/ledger/events.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const PAYMENTS = 100_000
const OTHER = `0x${'12'.repeat(20)}`
const settled: PaymentEvent = { type: 'delivered', status: 200, isSettled: true }

/** A payment to one of a thousand origins, of its own purchase. */
function draftOf(number: number, isPinned = false) {
  const origin = `https://${number % 1000}.example`
  return createDraft({ call: { purchase: `${number}`, coarse: `${number}`, origin }, isPinned })
}

/** Counts the steps that a ledger is asked to do. */
function watch(ledger: Ledger): { readonly ledger: Ledger; readonly steps: Record<string, number> } {
  const steps: Record<string, number> = {}
  const watched = new Proxy(ledger, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name)
      if (typeof member !== 'function') return member
      return (...given: unknown[]) => {
        steps[String(name)] = (steps[String(name)] ?? 0) + 1
        return Reflect.apply(member, target, given)
      }
    },
  })
  return { ledger: watched, steps }
}

describe(`with ${PAYMENTS} payments, a pin`, () => {
  const full = createMemoryLedger()

  beforeAll(async () => {
    for (let number = 0; number < PAYMENTS; number++) {
      const payment = await full.reserve(draftOf(number), [])
      if (isRefusal(payment)) throw new Error(`refused by ${payment.by}`)
      await full.note(payment.id, sent)
      await full.note(payment.id, settled)
    }
  })

  it.each([
    ['', (ledger: Ledger) => ledger],
    [' on a slow ledger', (ledger: Ledger) => createSlowLedger(ledger)],
  ])('lists no payment and asks for no sum, to pay and to refuse%s', async (_on, slow) => {
    let payTo: string | undefined
    const seller = await openSeller((request, response) => {
      const required = createRequired([createOffer(payTo === undefined ? {} : { payTo })])
      return request.payment === undefined ? askToPay(response, required) : deliver(response, request)
    })
    const { ledger, steps } = watch(full)
    const limits = { pinPayTo: true, perDay: '$1000000' }
    const { paidFetch } = createBuyer({ ledger: slow(ledger), limits })
    expect((await paidFetch(seller.url)).status).toBe(200)
    payTo = OTHER
    expect(await refusalOf(paidFetch(`${seller.url}/2`))).toMatchObject({ code: 'PAYEE_CHANGED', money: 'untouched' })
    expect(Object.keys(steps).sort()).toEqual(['claim', 'note', 'reserve'])
    expect(steps['reserve']).toBe(2)
  })

  it('looks at none of them, wherever they are kept', () => {
    let isFull = false
    const look = () => {
      if (isFull) throw new Error('a payment was looked at')
      return 0
    }
    const archive = { keep: 0, put: () => undefined, count: () => void look(), atSeconds: look, markOf: look }
    const book = createBook(systemClock, createCounter(), archive)
    for (let number = 0; number < PAYMENTS; number++) {
      const payment = book.reserve(draftOf(number), [])
      if (isRefusal(payment)) throw new Error(`refused by ${payment.by}`)
      book.note(payment.id, sent)
      book.note(payment.id, settled)
    }
    isFull = true
    const other = draftOf(7, true)
    expect(book.reserve({ ...other, terms: { ...other.terms, payTo: OTHER } }, [])).toMatchObject({ by: 'pin' })
    expect(isRefusal(book.reserve(draftOf(7, true), []))).toBe(false)
  })

  it('looks at none of those that are whole', () => {
    const pins = createPins(() => {
      throw new Error('all payments were looked at')
    })
    for (let number = 0; number < PAYMENTS; number++) pins.add(openPayment(draftOf(number), `${number}`, 0))
    const other = draftOf(7, true)
    expect(pins.findOther(other)).toBeUndefined()
    expect(pins.findOther({ ...other, terms: { ...other.terms, payTo: OTHER } })).toBe(other.terms.payTo)
  })
})

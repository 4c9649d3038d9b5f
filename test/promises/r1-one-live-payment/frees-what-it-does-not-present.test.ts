import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, type PaidAnswer, pays } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const once = { redeliver: 'never' } as const

describe('R1, a payment is never kept from its purchase or given to another:', () => {
  it('a ledger that fails once while a claim ends leaves the payment to the next call', async () => {
    const works = createMemoryLedger()
    let failures = 1
    const ledger: Ledger = {
      ...works,
      note: (id, event) =>
        event.type === 'freed' && failures-- > 0 ? Promise.reject(new Error('busy')) : works.note(id, event),
    }
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer({ ledger })
    await refusalOf(buyer.paidFetch(seller.url, { x402: once }))
    const refused = await refusalOf(buyer.paidFetch(seller.url, { x402: { approve: () => false } }))
    expect(refused).toMatchObject({ code: 'NOT_APPROVED', money: 'in-doubt' })
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })

  it.each(['GET', 'POST'])(
    'a ledger that is away when the response to a %s is lost is told before the same is bought again',
    async (method) => {
      const works = createMemoryLedger()
      let isAway = false
      const ledger: Ledger = {
        ...works,
        note: (id, event) => (isAway ? Promise.reject(new Error('away')) : works.note(id, event)),
      }
      const drop: PaidAnswer = (request, response) => {
        isAway = true
        return drops(request, response)
      }
      const seller = await openSeller(inTurn(drop, pays))
      const buyer = createBriskBuyer({ ledger })
      const call = () => buyer.paidFetch(seller.url, { method, x402: once })
      expect(await refusalOf(call())).toMatchObject({ code: 'ANSWER_LOST' })
      expect(await refusalOf(call())).toMatchObject({ code: 'LEDGER_UNAVAILABLE' })
      isAway = false
      expect((await call()).status).toBe(200)
      expect(buyer.signatures()).toBe(1)
    },
  )

  it('bytes that read like the digested form of a text are another purchase', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, { method: 'POST', body: 'abc', x402: once }))
    await buyer.paidFetch(seller.url, { method: 'POST', body: new TextEncoder().encode('4:text3:abc') })
    expect(buyer.signatures()).toBe(2)
  })
})

import { describe, expect, it } from 'vitest'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays, says } from '../../support/money/paid-answers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Says nothing of what waits once a payment was made. */
function createForgetfulLedger(): Ledger {
  const works = createMemoryLedger()
  let claims = 0
  return {
    ...works,
    claim: (claimant) => (++claims > 1 ? Promise.reject(new Error('connection lost')) : works.claim(claimant)),
  }
}

describe('R6, a ledger that can’t say whether a payment may be presented once more hides nothing of what became of it:', () => {
  it('a lost response is told as one, in doubt', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createBriskBuyer({ ledger: createForgetfulLedger() })
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(buyer.signatures()).toBe(1)
  })

  it('a response that says "not now" is handed over', async () => {
    const seller = await openSeller(inTurn(says(503)))
    const buyer = createBriskBuyer({ ledger: createForgetfulLedger() })
    expect((await buyer.paidFetch(seller.url)).status).toBe(503)
  })
})

describe('R6, an abort says where the money of an earlier payment is:', () => {
  it('while a person decides whether it is presented again', async () => {
    const seller = await openSeller(inTurn(drops))
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, { x402: { redeliver: 'never' } }))
    const abort = new AbortController()
    const approve = () => {
      abort.abort()
      return new Promise<boolean>(() => undefined)
    }
    const error = await refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal, x402: { approve } }))
    expect(error).toMatchObject({ code: 'ABORTED', money: 'in-doubt' })
    expect(await buyer.records()).toMatchObject([{ state: 'sent', claimed: false }])
  })

  it('while another call presents it', async () => {
    const seller = await openSeller(inTurn(drops))
    const works = createMemoryLedger()
    const abort = new AbortController()
    const presenting = createGate()
    const ledger: Ledger = {
      ...works,
      async claim(claimant) {
        const claim = await works.claim(claimant)
        if (claim.is === 'claimed') abort.abort()
        return claim
      },
      async note(id, event) {
        if (event.type !== 'sent' || event.presentation !== undefined) return works.note(id, event)
        presenting.open()
        return new Promise(() => undefined) // it's about to be presented again
      },
    }
    const buyer = createBriskBuyer({ ledger })
    await refusalOf(buyer.paidFetch(seller.url, { x402: { redeliver: 'never' } }))
    void buyer.paidFetch(seller.url)
    await presenting.passed
    const error = await refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', money: 'in-doubt' })
  })
})

describe('R6, a ledger that can’t say whether it is frozen keeps an earlier payment as it is:', () => {
  it('LEDGER_UNAVAILABLE tells where its money is, and the same call presents it once the ledger can be read', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const works = createMemoryLedger()
    let isDown = false
    const get: Ledger['get'] = (kind, key) =>
      isDown ? Promise.reject(new Error('connection lost')) : works.get(kind, key)
    const buyer = createBriskBuyer({ ledger: { ...works, get } })
    await refusalOf(buyer.paidFetch(seller.url, { x402: { redeliver: 'never' } }))
    isDown = true
    const error = await refusalOf(buyer.paidFetch(seller.url))
    expect(error).toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      money: 'in-doubt',
      cause: { message: 'connection lost' },
    })
    expect(await buyer.records()).toMatchObject([{ state: 'sent', delivery: 'lost', claimed: false }])
    isDown = false
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    expect(buyer.signatures()).toBe(1)
  })
})

import ky from 'ky'
import { describe, expect, it } from 'vitest'
import { isX402Error } from '../../../src/errors/x402-error.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { wrapKyWithPayment } from '../../../src/ky/wrap-ky-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { PaymentEvent } from '../../../src/payment/event.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createBuyer } from '../../support/create-buyer.js'
import { calling, createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

const post = { method: 'POST', body: 'question' }
const forever = () => new Promise<never>(() => undefined)
const soon = (milliseconds: number) =>
  new Promise<'still waiting'>((resolve) => setTimeout(resolve, milliseconds, 'still waiting'))

/** What a call came to: its status, or the code of its error. */
async function outcomeOf(call: Promise<Response>): Promise<number | string> {
  try {
    return (await call).status
  } catch (error) {
    return isX402Error(error) ? error.code : String(error)
  }
}

describe('attack: a tool is asked to approve, and never answers', () => {
  it('which keeps nobody else from presenting the payment that it would present', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const buyer = createBriskBuyer()
    await buyer.paidFetch(seller.url, post).catch(() => undefined)
    const asked = createGate()
    const approve = () => {
      asked.open()
      return forever()
    }
    const toolFetch = wrapFetchWithPayment(fetch, buyer.client.restrict({ reach: 'anywhere', approve }))
    toolFetch(seller.url, post).catch(() => undefined)
    await asked.passed
    expect(await outcomeOf(buyer.paidFetch(seller.url, post))).toBe(200)
  })

  it('which holds up no longer than five seconds the tools that join it', async () => {
    const seller = await openSeller(inTurn(pays))
    const { client } = createBuyer()
    const asked = createGate()
    const approve = () => {
      asked.open()
      return forever()
    }
    const [slow, quick] = [
      client.restrict({ reach: 'anywhere', approve }),
      client.restrict({ reach: 'anywhere', total: '$1' }),
    ]
    wrapFetchWithPayment(fetch, slow)(seller.url).catch(() => undefined)
    await asked.passed
    const call = outcomeOf(wrapFetchWithPayment(fetch, quick)(seller.url))
    expect(await Promise.race([call, soon(7000)])).not.toBe('still waiting')
  })
})

describe('attack: an agent that may spend nothing makes noise', () => {
  it('and takes no payment out of its owner’s reach, not even for a moment', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const claims: string[] = []
    const ledger = createMemoryLedger()
    const watched: Ledger = {
      ...ledger,
      async claim(claimant) {
        const claim = await ledger.claim(claimant)
        claims.push(claim.is)
        return claim
      },
    }
    const buyer = createBriskBuyer({ ledger: watched })
    await buyer.paidFetch(seller.url, post).catch(() => undefined)
    const poor = buyer.client.restrict({ reach: 'anywhere', perPayment: '$0' })
    expect(await outcomeOf(wrapFetchWithPayment(fetch, poor)(seller.url, post))).toBe('LIMIT_PER_PAYMENT')
    expect(claims).not.toContain('yours')
  })
})

/** A ledger that fails while it's down, in the steps that a test names. */
function createFailingLedger(fails: (step: 'get' | 'note' | 'claim', type?: PaymentEvent['type']) => boolean) {
  const ledger = createMemoryLedger()
  const outage = { isOn: false }
  const fail = (...asked: Parameters<typeof fails>) => {
    if (outage.isOn && fails(...asked)) throw new Error('connection reset')
  }
  const failing: Ledger = {
    ...ledger,
    async get(kind, key) {
      fail('get')
      return ledger.get(kind, key)
    },
    async note(id, event) {
      fail('note', event.type)
      return ledger.note(id, event)
    },
    async claim(claimant) {
      const claim = await ledger.claim(claimant)
      fail('claim') // the step was done, and its reply is lost
      return claim
    },
  }
  return { ledger: failing, outage }
}

describe('attack: a ledger is down for a second, and up again', () => {
  it('a key whose payment could not be written down buys once it is up', async () => {
    const seller = await openSeller(inTurn(pays))
    const { ledger, outage } = createFailingLedger((step) => step === 'note')
    const buyer = createBriskBuyer({ ledger })
    const keyed = calling({ purchase: 'order-7' })
    outage.isOn = true
    expect(await outcomeOf(buyer.paidFetch(seller.url, keyed))).toBe('LEDGER_UNAVAILABLE')
    outage.isOn = false
    expect(await outcomeOf(buyer.paidFetch(seller.url, keyed))).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it.each(['note', 'claim'] as const)(
    'a lost payment is presented once it is up, where it failed to %s',
    async (down) => {
      const seller = await openSeller(inTurn(drops, pays))
      const { ledger, outage } = createFailingLedger((step) => step === down)
      const buyer = createBriskBuyer({ ledger })
      await buyer.paidFetch(seller.url, post).catch(() => undefined)
      outage.isOn = true
      expect(await outcomeOf(buyer.paidFetch(seller.url, post))).toBe('LEDGER_UNAVAILABLE')
      outage.isOn = false
      expect(await outcomeOf(buyer.paidFetch(seller.url, post))).toBe(200)
      expect(seller.authorizations().size).toBe(1)
    },
  )

  it('error: one of ours says where the money is, when the register can’t be read', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { ledger, outage } = createFailingLedger((step) => step === 'get')
    const buyer = createBriskBuyer({ ledger })
    await buyer.paidFetch(seller.url, post).catch(() => undefined)
    outage.isOn = true
    const error = await buyer.paidFetch(seller.url, post).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money: 'in-doubt' })
  })
})

describe('attack: two equal calls are lost at once, and their time passes', () => {
  it('whoever approves says yes once, and the purchase is made', async () => {
    let isUp = false
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (isUp) deliver(response, request)
      else response.destroy()
    })
    let asked = 0
    const approve = () => {
      asked++
      return true
    }
    const buyer = createBriskBuyer({ limits: { approve } })
    await Promise.allSettled([buyer.paidFetch(seller.url, post), buyer.paidFetch(seller.url, post)])
    buyer.clock.advance(61)
    isUp = true
    asked = 0
    const outcome = await outcomeOf(buyer.paidFetch(seller.url, post))
    expect([outcome, asked]).toEqual([200, 1])
  })
})

describe('attack: the seller lets the newer of two lost payments die sooner', () => {
  it('and the older one, which is alive, is presented', async () => {
    let isUp = false
    let life = 600
    const paid = [createGate(), createGate()]
    const seller = await openSeller((request, response) => {
      const terms = createRequired([createOffer({ maxTimeoutSeconds: life })])
      if (request.payment === undefined) return askToPay(response, terms)
      if (isUp) return deliver(response, request)
      paid.shift()?.open()
      paid.at(0)?.passed.then(() => response.destroy())
      if (paid.length === 0) response.destroy()
    })
    const buyer = createBriskBuyer()
    const [first] = paid
    const calls = [buyer.paidFetch(seller.url, post)]
    await first?.passed
    life = 1
    calls.push(buyer.paidFetch(seller.url, post))
    await Promise.allSettled(calls)
    life = 600
    isUp = true
    buyer.clock.advance(5)
    expect(await outcomeOf(buyer.paidFetch(seller.url, post))).toBe(200)
    expect(seller.authorizations().size).toBe(2)
  })
})

describe('attack: a form in a Request, whose boundary is another each time, under a key', () => {
  it('is the same request when it is sent again after a loss', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { client } = createBriskBuyer()
    const api = wrapKyWithPayment(ky, client)
    const ask = () => {
      const body = new FormData()
      body.append('question', 'Hello?')
      return api.post(seller.url, { body, retry: 0, throwHttpErrors: false, x402: { purchase: 'order-7' } })
    }
    await ask().catch(() => undefined)
    expect((await ask()).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })
})

describe('attack: a hook that is shown the paid answer never returns', () => {
  it('and an abort ends the wait all the same', async () => {
    const seller = await openSeller(inTurn(pays))
    const buyer = createBuyer()
    const shown = createGate()
    buyer.client.onPaymentResponse(() => {
      shown.open()
      return forever()
    })
    const abort = new AbortController()
    const call = outcomeOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    await shown.passed
    abort.abort()
    expect(await Promise.race([call, soon(2000)])).not.toBe('still waiting')
  })
})

import { EventEmitter, once } from 'node:events'
import { setTimeout as soon } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { CallOptions } from '../../../src/payment/exchange.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { createBuyer, type Narrow } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, createRequired, deliver, sell } from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

type Caller = { readonly narrow?: Narrow; readonly x402?: CallOptions; readonly isWide?: true }

const callers: Readonly<Record<string, Caller>> = {
  'a wide client': { isWide: true },
  'a wide client under a key': { x402: { purchase: 'order-7' } },
  'a restricted client': { narrow: (client) => client.restrict({ reach: 'anywhere', total: '$1' }) },
  'a client with a lasting name': {
    narrow: (client) => client.restrict({ reach: 'anywhere', name: 'team/researcher' }),
  },
}

/** When the caller asks again: once its call was rejected, or as soon as its own signal fires. */
const moments = ['after its call was rejected', 'as soon as its signal fires'] as const

/** One call in so many milliseconds, of which each is aborted at another step. */
const STEP_MS = 10
const LAST_MS = 120

describe.each(Object.entries(callers))('attack: %s aborts at any moment', (_who, { narrow, x402 = {}, isWide }) => {
  // Two equal calls of a wide client are two purchases, and its first one still goes on then.
  const some = isWide ? moments.slice(0, 1) : moments

  it.each(some.flatMap((moment) => ['GET', 'POST'].map((method) => [moment, method] as const)))(
    'and asks again %s: a %s makes one payment',
    async (moment, method) => {
      const seller = await openSeller(async (request, response) => {
        if (request.payment === undefined) return askToPay(response)
        await soon(20)
        if (!response.destroyed) deliver(response, request)
      })
      const init = { method, ...(method === 'POST' && { body: 'question' }), x402 }
      for (let afterMs = 0; afterMs <= LAST_MS; afterMs += STEP_MS) {
        const before = seller.authorizations().size
        const ledger = createSlowLedger(createMemoryLedger())
        const { paidFetch } = createBuyer({ ledger }, {}, narrow)
        const abort = new AbortController()
        const first = paidFetch(`${seller.url}/${afterMs}`, { ...init, signal: abort.signal })
        const bought = first.then(
          () => true,
          () => false,
        )
        await soon(afterMs)
        abort.abort()
        const isBought = moment === 'after its call was rejected' ? await bought : await Promise.race([bought, soon(0)])
        if (!isBought) expect((await paidFetch(`${seller.url}/${afterMs}`, init)).status).toBe(200)
        await bought
        expect(seller.authorizations().size).toBe(before + 1)
      }
    },
  )
})

describe.each(['never', 'when-proven-unspent', 'when-over'] as const)(
  'attack: five equal calls at once after one was lost, by a client that signs again `%s`,',
  (resign) => {
    const options = { resign } satisfies ClientOptions

    it.each([
      [61, 'join'],
      [130, 'join'],
      [700, 'join'],
      [61, 'key'],
      [130, 'key'],
      [700, 'key'],
    ] as const)(
      '%i seconds later make one payment at most on a slow ledger with a slow node: %s',
      async (seconds, by) => {
        const seller = await openSeller(inTurn(drops, pays))
        const clock = createBriskClock()
        const ledger = createSlowLedger(createMemoryLedger({ clock }))
        const patient = { ...clock, wait: async (milliseconds: number) => void (await soon(milliseconds)) }
        const buyer = createProvingBuyer({ ...options, ledger, clock: patient })
        buyer.chain.verdict = 'unspent-and-dead'
        const x402: CallOptions = by === 'key' ? { purchase: 'order-7' } : { inFlight: 'join' }
        const call = () => buyer.paidFetch(seller.url, { method: 'POST', body: 'question', x402 })
        await refusalOf(call())
        clock.advance(seconds)
        await Promise.allSettled([call(), call(), call(), call(), call()])
        expect(buyer.signatures()).toBeLessThanOrEqual(2)
        expect(seller.authorizations().size).toBe(buyer.signatures())
      },
    )
  },
)

describe('attack: one key,', () => {
  it('by hand and through fetch at once, makes one payment', async () => {
    const seller = await openSeller(async (request, response) => {
      if (request.payment !== undefined) await soon(30)
      sell(request, response)
    })
    const { client, paidFetch, signatures } = createBuyer({ ledger: createSlowLedger(createMemoryLedger()) })
    const required = createRequired() as PaymentRequired // as an official client has read it
    const byHand = () => client.createPaymentPayload(required, { url: seller.url, purchase: 'order-7' })
    const byFetch = () => paidFetch(seller.url, { x402: { purchase: 'order-7' } })
    await Promise.allSettled([byHand(), byFetch(), byHand(), byFetch(), byHand()])
    expect(signatures()).toBe(1)
  })

  it('that waits for the payment which another call presents, buys nothing once that was delivered', async () => {
    const memory = createMemoryLedger()
    const happens = new EventEmitter()
    const waiting = once(happens, 'waiting')
    const presenting = once(happens, 'presenting')
    let sends = 0
    const ledger: Ledger = {
      ...memory,
      async claim(claimant) {
        const claim = await memory.claim(claimant)
        if (claim.is === 'claimed') happens.emit('waiting')
        return claim
      },
      // What was handed out leaves once more only when another call has seen that it is claimed.
      async note(id, event) {
        if (event.type === 'sent' && ++sends > 1) {
          happens.emit('presenting')
          await waiting
        }
        return memory.note(id, event)
      },
    }
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer({ ledger })
    const required = createRequired() as PaymentRequired // as an official client has read it
    const byHand = () => client.createPaymentPayload(required, { url: seller.url, purchase: 'order-7' })
    await byHand()
    const bought = paidFetch(seller.url, { x402: { purchase: 'order-7' } })
    await presenting
    const refused = refusalOf(byHand())
    expect(await bought).toMatchObject({ status: 200 })
    expect(await refused).toMatchObject({ code: 'PURCHASE_UNDER_WAY', facts: { payment: expect.any(String) } })
    expect(signatures()).toBe(1)
  })

  it('by hand, buys nothing where it was bought through fetch before the call by hand looked', async () => {
    const happens = new EventEmitter()
    const asking = once(happens, 'asking')
    const bought = once(happens, 'bought')
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer()
    let asks = 0
    client.onPaymentRequired(async () => {
      if (++asks > 1) return
      happens.emit('asking')
      await bought
    })
    const required = createRequired() as PaymentRequired // as an official client has read it
    const refused = refusalOf(client.createPaymentPayload(required, { url: seller.url, purchase: 'order-7' }))
    await asking
    expect(await paidFetch(seller.url, { x402: { purchase: 'order-7' } })).toMatchObject({ status: 200 })
    happens.emit('bought')
    expect(await refused).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'settled' })
    expect(signatures()).toBe(1)
  })

  it('that was bought is told by whichever client asks after a restart, three at once', async () => {
    const path = await createLedgerPath()
    const seller = await openSeller(sell)
    const ask = async (x402: CallOptions) => {
      const ledger = await createFileLedger(path)
      const { paidFetch } = createBuyer({ ledger })
      const call = () => paidFetch(seller.url, { method: 'POST', body: 'question', x402 })
      const settled = await Promise.allSettled([call(), call(), call()])
      await ledger.close()
      return settled
    }
    for (const { status } of await ask({ purchase: 'order-7', purchaseFor: 60 })) expect(status).toBe('fulfilled')
    for (const x402 of [{ purchase: 'order-7' }, { purchase: 'order-7', purchaseFor: 1 }]) {
      const refused = { reason: { code: 'ALREADY_BOUGHT', facts: { payment: expect.any(String) } } }
      expect(await ask(x402)).toMatchObject([refused, refused, refused])
    }
    expect(seller.authorizations().size).toBe(1)
  })
})

import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'
import { askThrough, unpaidBy } from '../../support/conformance/ask-through.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { drops, inTurn, pays } from '../../support/money/paid-answers.js'
import { askToPay, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { askFor } from '../../unit/flow/ask-for.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const HOUR = 3600
const order = { x402: { purchase: 'order-7' } }
const bought = { code: 'ALREADY_BOUGHT', money: 'untouched' }
for (const [door, openDoor] of Object.entries(askThrough)) {
  for (const [where, createLedger] of ledgers) {
    describe(`R1, a key that was bought, through ${door}${where}:`, () => {
      const open = async (options: ClientOptions = { purchaseFor: HOUR }) => {
        const seller = await openSeller(sell)
        const buyer = createBuyer({ ledger: createLedger(), ...options })
        return { seller, ask: openDoor(buyer.client), ...buyer }
      }

      it('doesn’t buy again, and says which payment bought it', async () => {
        const { seller, ask, signatures } = await open()
        const { payment } = await ask(seller.url, order)
        const error = await refusalOf(ask(seller.url, order))
        expect(error).toMatchObject({ ...bought, facts: { payment: payment?.id }, response: unpaidBy(door) })
        expect(signatures()).toBe(1)
        expect(seller.authorizations().size).toBe(1)
      })

      it('doesn’t buy again through a restricted client, or another client of the ledger', async () => {
        const { seller, ask, client, ledger } = await open()
        await ask(seller.url, order)
        expect(await refusalOf(openDoor(client.restrict({ reach: 'anywhere' }))(seller.url, order))).toMatchObject(
          bought,
        )
        const other = createBuyer({ ledger })
        expect(await refusalOf(openDoor(other.client)(seller.url, order))).toMatchObject(bought)
        expect(other.signatures()).toBe(0)
      })

      it('doesn’t buy another request either', async () => {
        const { seller, ask, signatures } = await open()
        await ask(seller.url, order)
        const error = await refusalOf(ask(`${seller.url}/other`, order))
        expect(error).toMatchObject({ code: 'PURCHASE_KEY_REUSED', money: 'untouched' })
        expect(signatures()).toBe(1)
      })

      it('is the same with a new token, as an `Idempotency-Key`, and for one call that says so', async () => {
        const { seller, ask, signatures } = await open({})
        const init = (token: string) => ({
          headers: { 'Idempotency-Key': 'order-8', authorization: `Bearer ${token}` },
        })
        await ask(seller.url, { ...init('a'), x402: { purchaseFor: HOUR } })
        expect(await refusalOf(ask(seller.url, init('b')))).toMatchObject(bought)
        expect(signatures()).toBe(1)
      })

      it('buys again where nothing is said, and other keys and calls without one buy anyway', async () => {
        const plain = await open({})
        for (const one of [order, order]) await plain.ask(plain.seller.url, one)
        expect(plain.signatures()).toBe(2)
        const { seller, ask, signatures } = await open()
        for (const one of [order, { x402: { purchase: 'order-8' } }, {}, {}]) await ask(seller.url, one)
        expect(signatures()).toBe(4)
      })

      it('was not bought by a payment that was lost: that is presented again, and then it was', async () => {
        const seller = await openSeller(inTurn(drops, pays))
        const { client, signatures } = createBuyer({ ledger: createLedger(), purchaseFor: HOUR })
        const ask = openDoor(client)
        const x402 = { purchase: 'order-7', redeliver: 'never' as const }
        expect(await refusalOf(ask(seller.url, { method: 'POST', x402 }))).toMatchObject({ code: 'ANSWER_LOST' })
        expect((await ask(seller.url, { method: 'POST', x402 })).status).toBe(200)
        expect(await refusalOf(ask(seller.url, { method: 'POST', x402 }))).toMatchObject(bought)
        expect(signatures()).toBe(1)
      })

      it('was not bought by a call that was refused', async () => {
        const seller = await openSeller((_, response) => askToPay(response))
        const { client, signatures } = createBuyer({ ledger: createLedger(), purchaseFor: HOUR })
        const poor = openDoor(client.restrict({ reach: 'anywhere', perPayment: '$0' }))
        for (const one of [order, order]) {
          expect(await refusalOf(poor(seller.url, one))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
        }
        expect(signatures()).toBe(0)
      })
    })
  }
}

describe('R1, a key that was bought', () => {
  it('buys again once its time is over', async () => {
    const seller = await openSeller(sell)
    const clock = createBriskClock()
    const { paidFetch, signatures } = createBuyer({ clock, ledger: createMemoryLedger({ clock }), purchaseFor: HOUR })
    await paidFetch(seller.url, calling(order.x402))
    clock.advance(HOUR - 1)
    const error = await refusalOf(paidFetch(seller.url, calling(order.x402)))
    expect(error).toMatchObject(bought)
    clock.advance(Date.parse(error.facts['again at'] ?? '') / 1000 - clock.nowSeconds())
    expect((await paidFetch(seller.url, calling(order.x402))).status).toBe(200)
    expect(signatures()).toBe(2)
  })

  it('still is after a restart, also where its file was written anew, and in a process that says nothing of it', async () => {
    const seller = await openSeller(sell)
    const path = await createLedgerPath()
    const first = await createFileLedger(path, { compactAfterLines: 10 })
    const { payment } = await (async () => {
      const { client } = createBuyer({ ledger: first, purchaseFor: HOUR })
      const ask = askThrough['fetch']?.(client)
      const answer = await ask?.(seller.url, order)
      for (let count = 0; count < 30; count++) await ask?.(seller.url)
      return { payment: answer?.payment }
    })()
    await first.close()
    for (const slowly of [false, true]) {
      const file = await createFileLedger(path)
      const { paidFetch, signatures } = createBuyer({ ledger: slowly ? createSlowLedger(file) : file })
      const error = await refusalOf(paidFetch(seller.url, calling(order.x402)))
      expect(error).toMatchObject({ ...bought, facts: { payment: payment?.id } })
      const other = await refusalOf(paidFetch(`${seller.url}/other`, calling(order.x402)))
      expect(other).toMatchObject({ code: 'PURCHASE_KEY_REUSED' })
      expect(signatures()).toBe(0)
      await file.close()
    }
  })

  it('is kept by a ledger that keeps nothing else, and dropped once its time is over', async () => {
    const seller = await openSeller(sell)
    const clock = createBriskClock()
    const ledger = createMemoryLedger({ clock, keep: 0 })
    const { paidFetch, signatures, records } = createBuyer({ clock, ledger, purchaseFor: HOUR })
    await paidFetch(seller.url, calling(order.x402))
    for (let count = 0; count < 20; count++) await paidFetch(seller.url)
    expect(await records()).toHaveLength(1)
    expect(await refusalOf(paidFetch(seller.url, calling(order.x402)))).toMatchObject(bought)
    clock.advance(HOUR)
    await paidFetch(seller.url)
    expect(await records()).toHaveLength(0)
    await paidFetch(seller.url, calling(order.x402))
    expect(signatures()).toBe(23)
  })

  it('is bought once by many that ask at once, through two ledgers’ handles that know nothing of each other', async () => {
    const seller = await openSeller(sell)
    const ledger = createSlowLedger(createMemoryLedger())
    const buyers = [1, 2].map(() => createBuyer({ ledger: { ...ledger }, purchaseFor: HOUR }))
    const calls = Array.from({ length: 20 }, (_, index) =>
      buyers[index % 2]?.paidFetch(seller.url, calling(order.x402)),
    )
    await Promise.allSettled(calls)
    expect(seller.authorizations().size).toBe(1)
    expect(buyers.reduce((sum, { signatures }) => sum + signatures(), 0)).toBe(1)
  })

  it('is refused before anybody approves, and a payment made by hand under it too', async () => {
    const seller = await openSeller(sell)
    const asked: string[] = []
    const approve = ({ resource }: { resource: string }) => asked.push(resource) > 0
    const { client, paidFetch } = createBuyer({ purchaseFor: HOUR, limits: { approve } })
    await paidFetch(seller.url, calling(order.x402))
    expect(await refusalOf(paidFetch(seller.url, calling(order.x402)))).toMatchObject(bought)
    expect(asked).toHaveLength(1)
    const made = client.createPaymentPayload(askFor(), { url: seller.url, purchase: 'order-7' })
    expect(await refusalOf(made)).toMatchObject({ code: 'ALREADY_BOUGHT', money: 'untouched' })
  })

  it.each([0, -1, 1.5, '60', Number.POSITIVE_INFINITY])(
    'error: INVALID_OPTION for a time of %s',
    async (purchaseFor) => {
      const wrong = { purchaseFor } as ClientOptions
      expect(() => createBuyer(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
      const seller = await openSeller(sell)
      const call = wrapFetchWithPayment(fetch, createBuyer().client)(seller.url, {
        x402: wrong as { purchaseFor: number },
      })
      expect(await refusalOf(call)).toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
    },
  )
})

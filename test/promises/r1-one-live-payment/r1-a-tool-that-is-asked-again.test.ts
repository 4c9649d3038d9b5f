import { describe, expect, it } from 'vitest'
import { askThrough, isForTools } from '../../support/conformance/ask-through.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

const soon = (milliseconds: number) =>
  new Promise<'too slow'>((resolve) => setTimeout(resolve, milliseconds, 'too slow'))

for (const [door, openDoor] of Object.entries(askThrough)) {
  for (const [where, createLedger] of ledgers) {
    describe(`R1, a tool whose framework races a timer and asks again, through ${door}${where}, buys once`, () => {
      it('where the first call goes on', async () => {
        const again = createGate()
        const paid = createGate()
        const seller = await openSeller(async (request, response) => {
          if (request.payment === undefined) return askToPay(response)
          paid.open()
          await again.passed
          deliver(response, request, 'bought')
        })
        const { client, signatures } = createBuyer({ ledger: createLedger() })
        const ask = openDoor(client.restrict({ reach: 'anywhere', total: '$1' }))
        expect(await Promise.race([ask(seller.url), paid.passed.then(() => soon(20))])).toBe('too slow')
        const second = ask(seller.url)
        await soon(80)
        again.open()
        expect((await second).text).toBe('bought')
        expect(signatures()).toBe(1)
        expect(seller.authorizations().size).toBe(1)
      })

      /** A first call that is still waited for, at a seller that responds to the second time that it's sent the payment. */
      async function askTooEarly() {
        const paid = createGate()
        let sends = 0
        const seller = await openSeller((request, response) => {
          if (request.payment === undefined) return askToPay(response)
          paid.open()
          if (++sends > 1) deliver(response, request, 'bought')
        })
        const { client, signatures } = createBuyer({ ledger: createLedger() })
        const ask = openDoor(client.restrict({ reach: 'anywhere', total: '$1' }))
        const abort = new AbortController()
        const first = ask(seller.url, { signal: abort.signal })
        first.catch(() => undefined)
        expect(await Promise.race([first, paid.passed.then(() => soon(20))])).toBe('too slow')
        return { seller, ask, signatures, first, abort }
      }

      it('where the first call is aborted', async () => {
        const { seller, ask, signatures, abort } = await askTooEarly()
        abort.abort()
        expect((await ask(seller.url)).text).toBe('bought')
        expect(signatures()).toBe(1)
        expect(seller.authorizations().size).toBe(1)
      })

      it('where the first call is aborted once the second has joined', async () => {
        const { seller, ask, signatures, first, abort } = await askTooEarly()
        const second = ask(seller.url)
        await soon(80)
        abort.abort()
        expect((await second).text).toBe('bought')
        await expect(first).rejects.toBeDefined()
        expect(signatures()).toBe(1)
        expect(seller.authorizations().size).toBe(1)
      })

      it('where the seller asks the second call to pay only after it answered the first', async () => {
        const answered = createGate()
        let asks = 0
        const seller = await openSeller(async (request, response) => {
          if (request.payment !== undefined) return deliver(response, request, 'bought')
          if (++asks > 1) await answered.passed
          askToPay(response)
        })
        const { client, signatures } = createBuyer({ ledger: createLedger() })
        const ask = openDoor(client.restrict({ reach: 'anywhere', total: '$1' }))
        const calls = [ask(seller.url), ask(seller.url)]
        const first = await Promise.race(calls)
        answered.open()
        for (const { text, payment } of await Promise.all(calls)) {
          expect(text).toBe('bought')
          expect(payment?.id).toBe(first.payment?.id)
        }
        expect(signatures()).toBe(1)
      })
    })
  }
}

for (const [door, openDoor] of Object.entries(askThrough)) {
  if (isForTools(door)) continue
  describe(`R1, of two calls that share a purchase, through ${door},`, () => {
    it.each([0, 1])('one outlives the abort of the other while the body flows: of call %i', async (gone) => {
      const [joined, begun, rest] = [createGate(), createGate(), createGate()]
      const seller = await openSeller(async (request, response) => {
        if (request.payment === undefined) return askToPay(response)
        await joined.passed
        response.writeHead(200, { 'content-type': 'text/plain' })
        response.write('half')
        begun.open()
        await rest.passed
        response.end(' and half')
      })
      const { client, signatures } = createBuyer()
      const ask = openDoor(client.restrict({ reach: 'anywhere' }))
      const aborts = [new AbortController(), new AbortController()]
      const calls = aborts.map(({ signal }) => ask(seller.url, { signal }))
      for (const call of calls) call.catch(() => undefined)
      while (seller.requests.length < 3) await soon(5)
      joined.open()
      await begun.passed
      await soon(100)
      aborts[gone]?.abort()
      await expect(calls[gone]).rejects.toMatchObject({ name: expect.stringMatching(/Abort|Cancel/) })
      rest.open()
      expect((await calls[1 - gone])?.text).toBe('half and half')
      expect(seller.requests).toHaveLength(3)
      expect(signatures()).toBe(1)
    })
  })
}

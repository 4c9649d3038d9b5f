import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { askThrough, isForTools, unpaidBy } from '../../support/conformance/ask-through.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { createBuyer } from '../../support/create-buyer.js'
import { createGate } from '../../support/money/create-gate.js'
import { askToPay, deliver, sell } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** A seller that answers a payment once so many calls asked for the price, and numbers its answers. */
function sellOnceAsked(calls: number): Handler {
  const asked = createGate()
  let asks = 0
  let answers = 0
  return async (request, response) => {
    if (request.payment === undefined) {
      if (++asks === calls) asked.open()
      return askToPay(response)
    }
    await asked.passed
    deliver(response, request, `answer ${++answers}`)
  }
}

const textsOf = async (calls: readonly Promise<{ text: string }>[]) =>
  (await Promise.all(calls)).map(({ text }) => text).sort()

for (const [door, openDoor] of Object.entries(askThrough)) {
  for (const [where, createLedger] of ledgers) {
    describe(`R1, equal calls in flight without a key, through ${door}${where}:`, () => {
      const open = async (calls: number, options: ClientOptions = {}) => {
        const seller = await openSeller(sellOnceAsked(calls))
        return { seller, ...createBuyer({ ledger: createLedger(), ...options }) }
      }

      it('a restricted client makes one purchase of them, and each gets the whole answer', async () => {
        const { seller, client, signatures } = await open(5)
        const ask = openDoor(client.restrict({ reach: 'anywhere', total: '$1' }))
        expect(await textsOf(Array.from({ length: 5 }, () => ask(seller.url)))).toEqual(new Array(5).fill('answer 1'))
        expect(seller.authorizations().size).toBe(1)
        expect(signatures()).toBe(1)
      })

      it('so do restricted clients of one parent, one for each task', async () => {
        const { seller, client, signatures } = await open(3)
        const asks = Array.from({ length: 3 }, () => openDoor(client.restrict({ reach: 'anywhere', total: '$1' })))
        expect(await textsOf(asks.map((ask) => ask(seller.url)))).toEqual(new Array(3).fill('answer 1'))
        expect(signatures()).toBe(1)
      })

      it('a wide client makes a purchase of each, beside those of its agents', async () => {
        const { seller, client, signatures } = await open(3)
        const [ask, askAsAgent] = [openDoor(client), openDoor(client.restrict({ reach: 'anywhere' }))]
        const calls = [ask(seller.url), askAsAgent(seller.url), ask(seller.url)]
        expect(await textsOf(calls)).toEqual(['answer 1', 'answer 2', 'answer 3'])
        expect(signatures()).toBe(3)
      })

      it('a wide client joins them where it says so, and so does one call of it', async () => {
        const joining = await open(2, { inFlight: 'join' })
        const ask = openDoor(joining.client)
        expect(await textsOf([ask(joining.seller.url), ask(joining.seller.url)])).toEqual(['answer 1', 'answer 1'])
        const each = await open(2)
        const askOne = openDoor(each.client)
        const x402 = { inFlight: 'join' as const }
        const calls = [askOne(each.seller.url, { x402 }), askOne(each.seller.url, { x402 })]
        expect(await textsOf(calls)).toEqual(['answer 1', 'answer 1'])
        expect([joining.signatures(), each.signatures()]).toEqual([1, 1])
      })

      it('a restricted client makes a purchase of each where it says so', async () => {
        const { seller, client, signatures } = await open(2)
        const ask = openDoor(client.restrict({ reach: 'anywhere' }))
        const x402 = { inFlight: 'separate' as const }
        expect(await textsOf([ask(seller.url, { x402 }), ask(seller.url, { x402 })])).toEqual(['answer 1', 'answer 2'])
        expect(signatures()).toBe(2)
      })

      it('a restricted client does what the client that it comes from says', async () => {
        const { seller, client, signatures } = await open(2, { inFlight: 'separate' })
        const ask = openDoor(client.restrict({ reach: 'anywhere' }))
        expect(await textsOf([ask(seller.url), ask(seller.url)])).toEqual(['answer 1', 'answer 2'])
        expect(signatures()).toBe(2)
      })

      it('all but the first are refused where they may not be in flight at once', async () => {
        const { seller, client, signatures } = await open(2, { inFlight: 'refuse' })
        const ask = openDoor(client)
        const settled = await Promise.allSettled([ask(seller.url), ask(seller.url)])
        expect(settled).toMatchObject(
          expect.arrayContaining([
            expect.objectContaining({ status: 'fulfilled' }),
            expect.objectContaining({ reason: expect.objectContaining({ code: 'PURCHASE_UNDER_WAY' }) }),
          ]),
        )
        expect(signatures()).toBe(1)
      })

      it('one that refuses sees a purchase that nobody joins', async () => {
        const { seller, client, signatures } = await open(2)
        const ask = openDoor(client)
        const first = ask(seller.url)
        while (seller.authorizations().size === 0) await new Promise((resolve) => setTimeout(resolve, 2))
        const error = await refusalOf(ask(seller.url, { x402: { inFlight: 'refuse' } }))
        expect(error).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt', response: unpaidBy(door) })
        expect((await first).text).toBe('answer 1')
        expect(signatures()).toBe(1)
      })

      it('calls that ask for other things are other purchases', async () => {
        const { seller, client, signatures } = await open(3)
        const ask = openDoor(client.restrict({ reach: 'anywhere' }))
        const init = (body: string) => ({ method: 'POST', body, headers: { 'content-type': 'text/plain' } })
        const calls = [ask(`${seller.url}/a`), ask(`${seller.url}/a`, init('one')), ask(`${seller.url}/a`, init('two'))]
        expect(await textsOf(calls)).toEqual(['answer 1', 'answer 2', 'answer 3'])
        expect(signatures()).toBe(3)
      })

      it('a call that begins after the answer is a new purchase', async () => {
        const { seller, client, signatures } = await open(1)
        const ask = openDoor(client.restrict({ reach: 'anywhere' }))
        expect([(await ask(seller.url)).text, (await ask(seller.url)).text]).toEqual(['answer 1', 'answer 2'])
        expect(signatures()).toBe(2)
      })

      if (isForTools(door)) return

      it('never shares an answer between tenants, whose credentials differ', async () => {
        const { seller, client, signatures } = await open(4)
        const calls = ['ann', 'bob', 'ann', 'bob'].map((tenant) =>
          openDoor(client.restrict({ reach: 'anywhere' }))(seller.url, { headers: { 'x-api-key': tenant } }),
        )
        expect(await textsOf(calls)).toEqual(['answer 1', 'answer 1', 'answer 2', 'answer 2'])
        const [ann, bob, annAgain, bobAgain] = await Promise.all(calls)
        expect([ann?.text, bob?.text]).toEqual([annAgain?.text, bobAgain?.text])
        expect(signatures()).toBe(2)
      })

      it('never shares an answer between tenants who use one key, unless it is one caller', async () => {
        const { seller, client, signatures } = await open(2)
        const askAs = (token: string) =>
          openDoor(client.restrict({ reach: 'anywhere' }))(seller.url, {
            headers: { 'Idempotency-Key': 'order-7', authorization: `Bearer ${token}` },
          })
        const first = askAs('ann')
        while (seller.authorizations().size === 0) await new Promise((resolve) => setTimeout(resolve, 2))
        const refused = refusalOf(askAs('bob'))
        expect(await refused).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt' })
        const same = await open(2)
        const askAsAnn = () =>
          openDoor(same.client.restrict({ reach: 'anywhere' }))(same.seller.url, {
            headers: { 'Idempotency-Key': 'order-7', authorization: 'Bearer ann' },
          })
        expect(await textsOf([askAsAnn(), askAsAnn()])).toEqual(['answer 1', 'answer 1'])
        expect((await first).text).toBe('answer 1')
        expect([signatures(), same.signatures()]).toEqual([1, 1])
      })

      it('calls that want another form or language of it are given their own', async () => {
        const { seller, client, signatures } = await open(4)
        const ask = openDoor(client.restrict({ reach: 'anywhere' }))
        const forms = ['text/html', 'application/json', 'text/html', 'application/json']
        const calls = forms.map((accept) => ask(seller.url, { headers: { accept } }))
        expect(await textsOf(calls)).toEqual(['answer 1', 'answer 1', 'answer 2', 'answer 2'])
        expect(signatures()).toBe(2)
      })
    })
  }
}

describe('R1, equal calls in flight through two doors:', () => {
  it('the second is refused, and signs nothing', async () => {
    const seller = await openSeller(sellOnceAsked(2))
    const { client, signatures } = createBuyer()
    const agent = client.restrict({ reach: 'anywhere' })
    const [byFetch, byAxios] = [askThrough['fetch']?.(agent), askThrough['axios (http adapter)']?.(agent)]
    const first = byFetch?.(seller.url)
    while (seller.authorizations().size === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    const error = await refusalOf(byAxios?.(seller.url) ?? Promise.resolve())
    expect(error).toMatchObject({ code: 'PURCHASE_UNDER_WAY', money: 'in-doubt' })
    expect((await first)?.text).toBe('answer 1')
    expect(signatures()).toBe(1)
  })
})

it.each(['joined', '', null, true])('error: INVALID_OPTION when `inFlight` is %j', async (inFlight) => {
  const wrong = { inFlight } as ClientOptions
  expect(() => createBuyer(wrong)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', money: 'untouched' }))
  const seller = await openSeller(sell)
  for (const [, openDoor] of Object.entries(askThrough)) {
    const { client, signatures } = createBuyer()
    const call = openDoor(client)(seller.url, { x402: wrong as { inFlight: 'join' } })
    expect(await refusalOf(call)).toMatchObject({ code: 'INVALID_OPTION', money: 'untouched' })
    expect(signatures()).toBe(0)
  }
})

describe('R1, equal calls in flight that share a signal:', () => {
  for (const [door, openDoor] of Object.entries(askThrough)) {
    it(`leave nothing on it when they are over but what bare requests leave, through ${door}`, async () => {
      const seller = await openSeller(sell)
      const { client } = createBuyer({ limits: { perDay: '$100' } })
      const [ask, askPoorly] = [
        openDoor(client.restrict({ reach: 'anywhere' })),
        openDoor(client.restrict({ reach: 'anywhere', perPayment: '$0' })),
      ]
      const { signal } = new AbortController()
      const init = { signal, headers: { 'content-type': 'text/plain' } }
      const one = () => Promise.allSettled([ask(seller.url, init), ask(seller.url, init), askPoorly(seller.url, init)])
      for (let count = 0; count < 3; count++) await one()
      const before = getEventListeners(signal, 'abort').length
      for (let count = 0; count < 20; count++) await one()
      // A bare fetch of Node leaves one listener until its request is collected, and SDK 1 of MCP one for each request.
      const left = door === 'fetch' || door === 'MCP (SDK 1)' ? 20 * 3 : 0
      expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(before + left)
    })
  }
})

import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { payFrom } from '../../../src/client/pay-from.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createBook } from '../../../src/ledger/book/book.js'
import { createTraces } from '../../../src/ledger/book/traces.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { PaymentPolicy } from '../../../src/payment/ports.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** Policies as people write them. */
const policies: Readonly<Record<string, PaymentPolicy>> = {
  'puts the cheapest first': (_version, offers) => [...offers].sort((a, b) => Number(a.amount) - Number(b.amount)),
  'leaves every other one out': (_version, offers) => offers.filter(({ amount }) => Number(amount) % 2 === 0),
}

describe('a 402 of a thousand offers', () => {
  it.each(Object.entries(policies))(
    'is looked at a few times an offer, not once for each two of them, under a policy that %s',
    async (_name, policy) => {
      const count = 1000
      const offers = Array.from({ length: count }, (_, place) => createOffer({ amount: String(20_000 - place) }))
      const seller = await openSeller((request, response) => {
        if (request.payment !== undefined) return deliver(response, request)
        // In the body, since that many fit into no header.
        response.writeHead(402, { 'content-type': 'application/json' })
        response.end(JSON.stringify(createRequired(offers)))
      })
      let looks = 0
      const { client, paidFetch } = createBuyer()
      client.registerPolicy((version, shown) =>
        policy(version, shown).map(
          (one) =>
            new Proxy(one, {
              ownKeys(target) {
                looks += 1
                return Reflect.ownKeys(target)
              },
            }),
        ),
      )
      await paidFetch(seller.url).catch(() => undefined)
      expect(looks).toBeLessThanOrEqual(10 * count)
    },
  )
})

/** A node that counts what it's asked about money. */
function createCountingNode() {
  const asked = { times: 0 }
  const request = async ({ method }: { readonly method: string }) => {
    if (method === 'eth_chainId') return '0x14a34'
    asked.times += 1
    return `0x${'f'.repeat(64)}`
  }
  return { asked, rpc: { 'eip155:84532': { request } } }
}

const another = `0x${'22'.repeat(20)}` as const

describe('a hundred 402s that limits refuse', () => {
  it('ask the chain no more than 20 times in ten seconds which of two accounts could pay', async () => {
    const seller = await openSeller((_request, response) =>
      askToPay(response, createRequired([createOffer({ amount: '900000000' })])),
    )
    const { asked, rpc } = createCountingNode()
    const { signTypedData } = account
    const accounts = [account.address, another].map(
      (address) => new ExactEvmScheme({ address, signTypedData }, { rpc }),
    )
    const [one, two] = accounts
    if (one === undefined || two === undefined) throw new Error('two accounts were made')
    const client = new x402Client({ clock: createBriskClock() }).register('eip155:*', payFrom([one, two]))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    for (let call = 0; call < 100; call++) await paidFetch(`${seller.url}/${call}`).catch(() => undefined)
    expect(asked.times).toBeLessThanOrEqual(20)
  })

  it('ask the chain no more than 20 times in ten seconds what the wallet holds', async () => {
    const offers = Array.from({ length: 8 }, (_, place) => createOffer({ amount: String(10_000 + place) }))
    const seller = await openSeller((_request, response) => askToPay(response, createRequired(offers)))
    const { asked, rpc } = createCountingNode()
    const client = new x402Client({
      clock: createBriskClock(),
      prefer: { funded: true },
      limits: { perDay: '$0' },
    }).register('eip155:*', new ExactEvmScheme(account, { rpc }))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    for (let call = 0; call < 100; call++) await paidFetch(`${seller.url}/${call}`).catch(() => undefined)
    expect(asked.times).toBeLessThanOrEqual(20)
  })
})

/** A ledger of many payments that counts how often one of them is looked at. */
function createWatchedBook(payments: number) {
  const looks = { times: 0 }
  const traces = createTraces(0)
  const archive: typeof traces = {
    ...traces,
    count(place) {
      looks.times += 1
      return traces.count(place)
    },
  }
  const clock = createManualClock()
  const book = createBook(clock, createCounter(), archive)
  for (let place = 0; place < payments; place++) {
    const reserved = book.reserve(createDraft({ call: named(String(place)) }), [])
    if (isRefusal(reserved)) throw new Error('nothing refuses it')
    const presentation = { payload: { x402Version: 2, payload: {} }, entry: {} }
    book.note(reserved.id, { type: 'sent', presentation })
    book.note(reserved.id, { type: 'delivered', isSettled: true })
  }
  looks.times = 0
  return { book, clock, looks }
}

describe('a ledger of ten thousand payments', () => {
  const PAYMENTS = 10_000

  it.each(['host', 'payTo', 'tag'] as const)(
    'looks through none of them for each 402 that names another %s, where limits go by that',
    (by) => {
      const { book, looks } = createWatchedBook(PAYMENTS)
      for (let flood = 0; flood < 10; flood++) {
        const name = `0x${flood.toString(16).padStart(40, 'a')}`
        const draft = createDraft({ call: named(`flood ${flood}`) })
        const ofIts = {
          host: { ...draft, call: { ...draft.call, host: name } },
          payTo: { ...draft, terms: { ...draft.terms, payTo: name } },
          tag: { ...draft, call: { ...draft.call, tags: [name] } },
        }
        expect(isRefusal(book.reserve(ofIts[by], [createCap(0, { scope: { [by]: name } })]))).toBe(true)
      }
      expect(looks.times).toBeLessThan(PAYMENTS)
    },
  )

  it('looks through none of them each time that its clock is a second behind', () => {
    const { book, clock, looks } = createWatchedBook(PAYMENTS)
    const cap = createCap(0, { windowSeconds: 86_400 })
    book.reserve(createDraft({ call: named('first') }), [cap])
    looks.times = 0
    for (let flap = 0; flap < 10; flap++) {
      clock.advance(flap % 2 === 0 ? -1 : 1)
      book.reserve(createDraft({ call: named(`flap ${flap}`) }), [cap])
    }
    expect(looks.times).toBeLessThan(PAYMENTS)
  })
})

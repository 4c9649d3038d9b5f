import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { systemClock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { account } from '../../support/create-buyer.js'
import { createRequired } from '../../support/offers.js'
import { startChangingSeller } from '../../support/start-changing-seller.js'

/** What a place of the prepaid way is made of, each of which may be where the call is aborted. */
type Parts = {
  options?: ClientOptions
  ledger?: (ledger: Ledger) => Partial<Ledger>
  signTypedData?: typeof account.signTypedData
  prepare?: (client: x402Client) => void
}

/** Aborts the call, and never ends by itself. */
type Stop = () => Promise<never>

/** Each place at which a prepaid call waits before its payment leaves. */
const places: Record<string, (stop: Stop) => Parts> = {
  'a hook that is shown the terms': (stop) => ({
    prepare: (client) => void client.onPaymentRequired(stop),
  }),
  'the ledger, when it looks for an earlier payment': (stop) => ({
    ledger: (ledger) => ({
      claim(claimant) {
        void stop()
        return ledger.claim(claimant)
      },
    }),
  }),
  'a hook before the payment is made': (stop) => ({
    prepare: (client) => void client.onBeforePaymentCreation(stop),
  }),
  'whoever approves': (stop) => ({ options: { limits: { approve: stop } } }),
  'the ledger, when it reserves': (stop) => ({
    ledger: (ledger) => ({
      reserve(draft, caps) {
        void stop()
        return ledger.reserve(draft, caps)
      },
    }),
  }),
  'the wallet': (stop) => ({ signTypedData: stop }),
  'the wallet, which signs all the same': (stop) => ({
    signTypedData(typedData) {
      void stop()
      return account.signTypedData(typedData)
    },
  }),
  'a hook after the payment is made': (stop) => ({
    prepare: (client) => void client.onAfterPaymentCreation(stop),
  }),
}

/** A buyer who knows the terms ahead, and one of whose calls is aborted at a place. */
async function open(place: (stop: Stop) => Parts) {
  const seller = await startChangingSeller()
  const abort = new AbortController()
  const parts = place(() => {
    abort.abort()
    return new Promise<never>(() => undefined)
  })
  const memory = createMemoryLedger()
  const ledger = { ...memory, ...parts.ledger?.(memory) }
  const { signTypedData = account.signTypedData } = parts
  const signer = { address: account.address, signTypedData }
  const prepay = [{ route: seller.url, terms: createRequired() as PaymentRequired }]
  const client = new x402Client({ ...parts.options, ledger, prepay }).register('eip155:*', new ExactEvmScheme(signer))
  parts.prepare?.(client)
  const paidFetch = wrapFetchWithPayment(fetch, client)
  return {
    seller,
    paidFetch,
    signal: abort.signal,
    states: async () => (await readAll(memory)).map(({ state }) => state),
  }
}

describe.each(Object.entries(places))('a prepaid call that is aborted while it waits for %s', (_, place) => {
  it('sends nothing and counts nothing', async () => {
    const { seller, paidFetch, signal, states } = await open(place)
    await expect(paidFetch(seller.url, { signal })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      money: expect.stringMatching(/^(untouched|released)$/),
    })
    expect(seller.requests).toEqual([])
    expect((await states()).filter((state) => state !== 'released')).toEqual([])
  })
})

it('a prepaid call that is aborted while it waits for its own body: sends nothing and counts nothing', async () => {
  let stop: Stop | undefined
  const { seller, paidFetch, signal, states } = await open((given) => {
    stop = given
    return {}
  })
  const body = new ReadableStream({ pull: () => stop?.() })
  const init = { method: 'POST', body, duplex: 'half', signal } as RequestInit
  await expect(paidFetch(new Request(seller.url, init))).rejects.toMatchObject({ name: 'AbortError' })
  expect(seller.requests).toEqual([])
  expect(await states()).toEqual([])
})

it('a prepaid call that is aborted once it is written down as sent: is in doubt, and its payment is presented again', async () => {
  const { seller, paidFetch, signal, states } = await open((stop) => ({
    ledger: (ledger) => ({
      note(id, event) {
        if (event.type === 'sent') void stop()
        return ledger.note(id, event)
      },
    }),
  }))
  await expect(paidFetch(seller.url, { signal })).rejects.toMatchObject({ name: 'AbortError', money: 'in-doubt' })
  expect(await states()).toEqual(['sent'])
  expect((await paidFetch(seller.url)).status).toBe(200)
  expect(seller.authorizations().size).toBe(1)
  expect(await states()).toEqual(['settled'])
})

it('a prepaid call that is aborted in the pause before its payment is presented again: is in doubt, and sends no more', async () => {
  const { seller, paidFetch, signal, states } = await open((stop) => ({
    options: {
      clock: {
        ...systemClock,
        async wait() {
          void stop()
        },
      },
    },
  }))
  seller.answer((_, response) => response.destroy())
  await expect(paidFetch(seller.url, { signal })).rejects.toMatchObject({ money: 'in-doubt' })
  expect(seller.requests.length).toBe(1)
  expect(await states()).toEqual(['sent'])
})

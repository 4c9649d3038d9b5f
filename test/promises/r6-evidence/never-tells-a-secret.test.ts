import { inspect } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import type { ClientOptions } from '../../../src/client/options.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, deliver, sell } from '../../support/offers.js'
import { type Handler, type Seller, startSeller } from '../../support/start-seller.js'

const sellers: Seller[] = []
afterEach(async () => {
  await Promise.all(sellers.splice(0).map((seller) => seller.stop()))
})

/** What no output may hold, beside the signatures and payment headers that a test collects. */
const SECRETS = [
  'user-secret',
  'password-secret',
  'query-secret',
  'bearer-secret',
  'cookie-secret',
  'body-secret',
  '11'.repeat(32),
]

/** A seller that echoes what it was sent into every text that it writes. */
const parrot: Handler = (request, response) => {
  const said = request.payment === undefined ? 'Payment required' : JSON.stringify(request.headers)
  askToPay(response, createRequired(undefined, { error: said }))
}

const drop: Handler = (request, response) => {
  if (request.payment === undefined) askToPay(response)
  else response.socket?.destroy()
}

const situations: Record<string, { handler: Handler; options?: ClientOptions }> = {
  'a limit refuses': { handler: sell, options: { limits: { perPayment: '$0.001' } } },
  'nobody approves': { handler: sell, options: { limits: { approve: () => false } } },
  'no offer can be paid': {
    handler: (_request, response) => askToPay(response, createRequired([createOffer({ scheme: 'x' })])),
  },
  'the 402 is malformed': {
    handler: (_request, response) => askToPay(response, createRequired(undefined, { x402Version: 9 })),
  },
  'the answer is lost': { handler: drop },
  'the seller repeats what it was sent': { handler: parrot },
  'the seller repeats the payment in its receipt': {
    handler(request, response) {
      if (request.payment === undefined) return askToPay(response)
      const receipt = {
        success: false,
        transaction: '',
        network: 'eip155:84532',
        errorReason: JSON.stringify(request.payment),
      }
      response.writeHead(402, { 'payment-response': encodeJsonHeader(receipt) }).end('{}')
    },
  },
  'the receipt names the signature as its transaction': {
    handler(request, response) {
      if (request.payment === undefined) return askToPay(response)
      const transaction = String(request.payment.payload['signature'])
      const receipt = { success: true, transaction, network: 'eip155:84532' }
      response.writeHead(200, { 'payment-response': encodeJsonHeader(receipt) }).end('{}')
    },
  },
  'the payment is redirected elsewhere': {
    handler(request, response) {
      if (request.payment === undefined) return askToPay(response)
      const query = `?q=${String(request.headers['payment-signature'])}`
      response.writeHead(307, { location: `https://user-secret:password-secret@elsewhere.example/${query}` }).end()
    },
  },
  'the signer throws what it was given': { handler: sell, options: { random: () => new Uint8Array(7) } },
  'the answer is good': {
    handler: (request, response) => (request.payment === undefined ? askToPay(response) : deliver(response, request)),
  },
}

for (const [what, { handler, options }] of Object.entries(situations)) {
  it(`never tells a secret: ${what}`, async () => {
    const seller = await startSeller(handler)
    sellers.push(seller)
    const outputs: string[] = []
    const tell = (value: unknown) => outputs.push(...print(value))
    const buyer = createBuyer({ clock: createManualClock(), ...options })
    buyer.client.on('payment', tell)
    const url = `${seller.url}/paid?token=query-secret`
    const init = {
      method: 'POST',
      body: 'body-secret',
      headers: { authorization: 'bearer-secret', cookie: 'cookie-secret' },
    }
    await buyer.paidFetch(url, init).catch(tell)
    // The second call meets what the first one left behind.
    await buyer.paidFetch(url, init).catch(tell)
    tell(await buyer.client.payments())
    tell(await buyer.client.spending())
    const headers = seller.requests.flatMap(({ headers }) => headers['payment-signature'] ?? [])
    const signatures = seller.requests.flatMap(({ payment }) =>
      payment === undefined ? [] : String(payment.payload['signature']),
    )
    expect(outputs.length).toBeGreaterThan(0)
    for (const secret of [...SECRETS, ...signatures, ...headers.flat()]) {
      expect(outputs.filter((output) => output.includes(secret))).toEqual([])
    }
  })
}

it('never tells a secret: the URL carries credentials', async () => {
  const seller = await startSeller(sell)
  sellers.push(seller)
  const outputs: string[] = []
  const buyer = createBuyer({ limits: { perPayment: '$0.001' } })
  // As a fetch that takes credentials in URLs would have it.
  const { wrapFetchWithPayment } = await import('../../../src/fetch/wrap-fetch-with-payment.js')
  const plain = wrapFetchWithPayment((input, init) => fetch(withoutCredentials(String(input)), init), buyer.client)
  const url = seller.url.replace('http://', 'http://user-secret:password-secret@')
  await plain(url).catch((error: unknown) => outputs.push(...print(error)))
  expect(outputs.length).toBeGreaterThan(0)
  for (const secret of SECRETS) expect(outputs.filter((output) => output.includes(secret))).toEqual([])
})

it('the key of this test is the one that signs', () => {
  expect(account.address).toBe('0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A')
})

function withoutCredentials(text: string): string {
  const url = new URL(text)
  url.username = ''
  url.password = ''
  return url.href
}

/** Every way in which a log prints a value. */
function print(value: unknown): string[] {
  const shown = [String(value), inspect(value, { depth: 12 }), JSON.stringify(value, toJson) ?? '']
  if (!(value instanceof Error)) return shown
  return [...shown, value.message, value.stack ?? '', ...(value.cause === undefined ? [] : print(value.cause))]
}

function toJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

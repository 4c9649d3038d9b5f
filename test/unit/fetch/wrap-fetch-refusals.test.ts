import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { type WrapFetchOptions, wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { type MoneyState, paymentOf, x402Client } from '../../../src/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, sell } from '../../support/offers.js'
import type { Handler, Seller } from '../../support/start-seller.js'
import { refusalOf } from '../flow/refusal-of.js'
import { openSeller } from './open-seller.js'

type Refusal = {
  what: string
  /** The header of the seller's 402. */
  terms?: string
  open?: () => Promise<x402Client>
  code: string
  money: MoneyState
  /** Which of the seller's answers the caller is shown, counted from 1. */
  shown?: number
}

const refusals: readonly Refusal[] = [
  {
    what: 'a limit',
    terms: encodeJsonHeader(createRequired([createOffer({ amount: '5000000' })])),
    code: 'LIMIT_PER_PAYMENT',
    money: 'untouched',
  },
  {
    what: 'the selection',
    terms: encodeJsonHeader(createRequired([createOffer({ scheme: 'barter' })])),
    code: 'NO_PAYABLE_OFFER',
    money: 'untouched',
  },
  { what: 'a challenge that can’t be read', terms: '%%%', code: 'CHALLENGE_MALFORMED', money: 'untouched' },
  { what: 'a wallet elsewhere', open: openRemoteWallet, code: 'SIGNER_FAILED', money: 'untouched' },
  { what: 'the seller', code: 'PAYMENT_REJECTED', money: 'in-doubt', shown: 2 },
]

describe.each(refusals)('wrapFetchWithPayment: refused by $what', ({ terms, open, code, money, shown = 1 }) => {
  it('throws, with the seller’s own 402 to read', async () => {
    const seller = await openSeller(asking(terms))
    const client = (await open?.()) ?? createBuyer().client
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const error = await refusalOf(paidFetch(`${seller.url}/x`))
    expect(error).toMatchObject({ code, money })
    await expectOwnAnswer(error.response, seller, shown)
  })

  it("resolves with `refusals: 'return'` to the seller’s own 402, with the error beside it", async () => {
    const seller = await openSeller(asking(terms))
    const client = (await open?.()) ?? createBuyer().client
    const paidFetch = wrapFetchWithPayment(fetch, client, { refusals: 'return' })
    const response = await paidFetch(`${seller.url}/x`)
    expect(paymentOf(response)).toMatchObject({ money, error: { code, money } })
    expect(paymentOf(response)?.error?.response).toBe(response)
    await expectOwnAnswer(response, seller, shown)
  })
})

describe('wrapFetchWithPayment: refused by a wallet at once', () => {
  it('shows the seller’s own 402 to read', async () => {
    const seller = await openSeller(asking())
    const client = createClient(() => Promise.reject(new Error('locked')))
    const error = await refusalOf(wrapFetchWithPayment(fetch, client)(`${seller.url}/x`))
    expect(error).toMatchObject({ code: 'SIGNER_FAILED', money: 'untouched' })
    await expectOwnAnswer(error.response, seller, 1)
  })
})

describe("wrapFetchWithPayment: with `refusals: 'return'`", () => {
  it('says of a refusal by us that nothing was reserved, and of one by the seller what was paid', async () => {
    const seller = await openSeller(asking())
    const { paidFetch } = createBuyer({ limits: { total: '$0.01' } }, { refusals: 'return' })
    const bySeller = paymentOf(await paidFetch(`${seller.url}/a`))
    expect(bySeller).toMatchObject({
      id: expect.any(String),
      delivery: 'lost',
      terms: { price: '0.01 USDC', dollars: '$0.01' },
    })
    const byUs = paymentOf(await paidFetch(`${seller.url}/b`))
    expect(byUs).toMatchObject({ id: undefined, delivery: 'none', terms: undefined, error: { code: 'LIMIT_TOTAL' } })
  })

  it('hands over what was paid for as ever', async () => {
    const seller = await openSeller(sell)
    const { paidFetch } = createBuyer({}, { refusals: 'return' })
    expect(paymentOf(await paidFetch(seller.url))).toMatchObject({ money: 'settled', error: undefined })
  })

  it('rejects what is no refusal', async () => {
    const seller = await openSeller((_request, response) => void response.destroy())
    await expect(createBuyer({}, { refusals: 'return' }).paidFetch(seller.url)).rejects.toThrow(TypeError)
  })

  it('rejects as fetch does when the call is aborted', async () => {
    const seller = await openSeller(sell)
    const abort = new AbortController()
    const { client, paidFetch } = createBuyer({}, { refusals: 'return' })
    client.onBeforePaymentCreation(() => abort.abort())
    await expect(paidFetch(seller.url, { signal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('rejects when the answer is lost, since nobody refused', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else response.destroy()
    })
    const { paidFetch } = createBuyer({}, { refusals: 'return' })
    await expect(paidFetch(seller.url)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
  })
})

describe.each([
  ['throw', 'throw'],
  ['return', 'return'],
  ['return', 'throw'],
  ['throw', 'return'],
] as const)('wrapFetchWithPayment: twice, with %s inside and %s outside', (inside, outside) => {
  const nested = (inner: x402Client, outer: x402Client) =>
    wrapFetchWithPayment(wrap(inner, inside), outer, { refusals: outside })
  const wrap = (client: x402Client, refusals: WrapFetchOptions['refusals']) =>
    wrapFetchWithPayment(fetch, client, { refusals })

  it('pays once', async () => {
    const seller = await openSeller(sell)
    const { client, signatures } = createBuyer()
    const response = await nested(client, client)(seller.url)
    expect(paymentOf(response)?.money).toBe('settled')
    expect(seller.requests).toHaveLength(2)
    expect(signatures()).toBe(1)
  })

  it('pays a greedy seller once, though two clients are asked', async () => {
    const seller = await openSeller(asking())
    await settle(nested(createBuyer().client, createBuyer().client)(seller.url))
    expect(seller.authorizations().size).toBe(1)
    expect(seller.requests).toHaveLength(2)
  })

  it('pays nothing that the inner one refused', async () => {
    const seller = await openSeller(sell)
    const strict = createBuyer({ limits: { perPayment: '$0.001' } })
    const generous = createBuyer()
    await settle(nested(strict.client, generous.client)(seller.url))
    expect(seller.requests).toHaveLength(1)
    expect(generous.signatures()).toBe(0)
  })

  /** Both ends are right here: only what was paid matters. */
  const settle = (answer: Promise<Response>) => answer.catch((error: unknown) => expect(error).toHaveProperty('money'))
})

/** A seller that never takes a payment, and says something of its own each time. */
function asking(terms = encodeJsonHeader(createRequired())): Handler {
  let answers = 0
  return (_request, response) => {
    response.writeHead(402, { 'payment-required': terms, 'x-own': 'kept' })
    response.end(`answer ${++answers}`)
  }
}

async function expectOwnAnswer(value: unknown, seller: Seller, answer: number): Promise<void> {
  expect(value).toBeInstanceOf(Response)
  const response = value as Response
  expect(response.status).toBe(402)
  expect(response.url).toBe(`${seller.url}/x`)
  expect(response.headers.get('x-own')).toBe('kept')
  expect(response.bodyUsed).toBe(false)
  expect(await response.text()).toBe(`answer ${answer}`)
  expect(seller.requests).toHaveLength(answer)
}

/** A client whose wallet is asked over the network, while the 402 is read to its end, and refuses. */
async function openRemoteWallet(): Promise<x402Client> {
  const wallet = await openSeller((_request, response) => {
    response.writeHead(403)
    response.end()
  })
  return createClient(async () => {
    throw new Error(`the wallet answered ${(await fetch(wallet.url)).status}`)
  })
}

function createClient(signTypedData: () => Promise<`0x${string}`>): x402Client {
  return new x402Client().register('eip155:*', new ExactEvmScheme({ address: account.address, signTypedData }))
}

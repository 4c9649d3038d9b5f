import { describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { createLocalFetch, localDelivery, localTerms } from '../../support/money/create-local-fetch.js'
import { createOffer, createRequired, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { createScheme } from '../../unit/flow/create-scheme.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const dimes = createRequired([createOffer({ amount: '100000' })])

/** A seller in this process whose goods cost ten cents each. */
const sellDimes = () => createLocalFetch(({ payment }) => (payment === undefined ? localTerms(dimes) : localDelivery()))

describe('R3, a limit holds under any concurrency:', () => {
  it('1,000 calls at once at $0.10 under $10 pay exactly 100', async () => {
    const buyer = createBriskBuyer({ limits: { total: '$10', perDay: '$200' } })
    const paidFetch = wrapFetchWithPayment(sellDimes(), buyer.client)
    const calls = Array.from({ length: 1_000 }, (_, call) => paidFetch(`https://seller.example/${call}`))
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    expect(new Set(refused)).toEqual(new Set(['LIMIT_TOTAL']))
    expect(buyer.signatures()).toBe(100)
    expect(await buyer.client.spending()).toMatchObject([
      { spent: '$10.00' },
      { limit: 'total', spent: '$10.00', left: '$0.00' },
    ])
  })

  it('200 calls at once, half through a restricted client, keep the limits of both', async () => {
    const buyer = createBriskBuyer({ limits: { total: '$5' } })
    const agent = buyer.client.restrict({ reach: 'anywhere', total: '$2' })
    const [paidFetch, agentFetch] = [buyer.client, agent].map((payer) => wrapFetchWithPayment(sellDimes(), payer))
    const calls = Array.from({ length: 200 }, (_, call) =>
      (call % 2 === 0 ? paidFetch : agentFetch)?.(`https://seller.example/${call}`),
    )
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(50)
    expect(await agent.payments()).toHaveLength(20)
  })

  it('holds for a number of payments, too', async () => {
    const buyer = createBriskBuyer({ limits: { perHour: { payments: 7 } } })
    const paidFetch = wrapFetchWithPayment(sellDimes(), buyer.client)
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, call) => paidFetch(`https://seller.example/${call}`)),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7)
    expect(buyer.signatures()).toBe(7)
  })
})

describe('R3, the price is reserved before the signer is called:', () => {
  it('the ledger holds it while the signer thinks', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const seen: unknown[] = []
    const scheme = createScheme({
      async createPaymentPayload(x402Version) {
        for await (const { state, terms } of ledger.list({})) seen.push({ state, amount: terms.amount })
        return { x402Version, payload: { signature: 'signed' } }
      },
    })
    const client = new x402Client({ ledger }).register('eip155:*', scheme)
    await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(seen).toEqual([{ state: 'reserved', amount: 10_000n }])
  })

  it('and written down as sent before the seller sees it', async () => {
    const buyer = createBriskBuyer()
    const seen: unknown[] = []
    const seller = await openSeller(async (request, response) => {
      if (request.payment !== undefined) seen.push(...(await buyer.records()))
      return sell(request, response)
    })
    await buyer.paidFetch(seller.url)
    expect(seen).toMatchObject([{ state: 'sent', delivery: 'none' }])
  })

  it('after whoever approves, so that a person who thinks holds no budget', async () => {
    const seller = await openSeller(sell)
    const buyer = createBriskBuyer({
      limits: { approve: async () => (await buyer.records()).length === 0 },
    })
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
  })

  it('and given back when the signer fails', async () => {
    const seller = await openSeller(sell)
    const ledger = createMemoryLedger()
    const scheme = createScheme({ createPaymentPayload: () => Promise.reject(new Error('the wallet is locked')) })
    const client = new x402Client({ ledger, limits: { total: '$0.01' } }).register('eip155:*', scheme)
    const paidFetch = wrapFetchWithPayment(fetch, client)
    for (let call = 0; call < 3; call++) {
      expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'SIGNER_FAILED', money: 'untouched' })
    }
    expect(await client.spending()).toMatchObject([{}, { limit: 'total', held: '$0.00', left: '$0.01' }])
  })

  it('and given back when the call is aborted before anything was sent', async () => {
    const seller = await openSeller(sell)
    const abort = new AbortController()
    const buyer = createBriskBuyer({ limits: { total: '$0.01' } })
    buyer.client.onAfterPaymentCreation(async () => abort.abort())
    const error = await refusalOf(buyer.paidFetch(seller.url, { signal: abort.signal }))
    expect(error).toMatchObject({ code: 'ABORTED', money: 'released', name: 'AbortError' })
    expect(seller.authorizations().size).toBe(0)
    expect(await buyer.client.spending()).toMatchObject([{}, { limit: 'total', left: '$0.01' }])
  })
})

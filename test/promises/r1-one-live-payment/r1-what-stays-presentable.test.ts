import { ExactEvmScheme as OfficialScheme } from '@x402/evm'
import { ExactEvmSchemeV1 as OfficialSchemeV1 } from '@x402/evm/exact/v1/client'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { describeEvmPayload, ExactEvmScheme } from '../../../schemes/evm/index.js'
import type { ClientOptions } from '../../../src/client/options.js'
import { payFrom } from '../../../src/client/pay-from.js'
import { readable } from '../../../src/client/readable.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { account } from '../../support/create-buyer.js'
import { createBriskBuyer } from '../../support/money/create-brisk-buyer.js'
import { drops, inTurn, pays, says } from '../../support/money/paid-answers.js'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

const post = { method: 'POST' }

/** An offer as protocol 1 writes it. */
const OFFER_V1 = {
  ...{ scheme: 'exact', network: 'base-sepolia', maxAmountRequired: '10000', maxTimeoutSeconds: 60 },
  ...{ asset: createOffer()['asset'], payTo: createOffer()['payTo'], extra: { name: 'USDC', version: '2' } },
  ...{ resource: 'https://api.example.com', description: '', mimeType: '' },
}

describe('R1, the same payment is presented again', () => {
  it.each([
    ['an official scheme of protocol 1', new OfficialSchemeV1(account)],
    ['a scheme of ours that is registered for protocol 1', new ExactEvmScheme(account)],
  ])('by %s', async (_name, scheme) => {
    let paid = 0
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) {
        response.writeHead(402, { 'content-type': 'application/json' })
        return void response.end(JSON.stringify({ x402Version: 1, error: 'pay', accepts: [OFFER_V1] }))
      }
      if (++paid > 1) return deliver(response, request)
      response.writeHead(409).end()
    })
    const client = new x402Client().registerV1('base-sepolia', scheme as never)
    const paidFetch = wrapFetchWithPayment(fetch, client)
    expect((await paidFetch(seller.url)).status).toBe(409)
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it('where a new 402 differs only in what nobody signs', async () => {
    let asked = 0
    const answer = inTurn(drops, pays)
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) return answer(request, response)
      const extra = { name: 'USDC', version: '2', quoteId: `quote ${++asked}` }
      askToPay(response, createRequired([createOffer({ extra, description: `asked ${asked} times` })]))
    })
    const buyer = createBriskBuyer()
    await refusalOf(buyer.paidFetch(seller.url, post))
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it('though the ledger failed once to note that the response was lost', async () => {
    const seller = await openSeller(inTurn(drops, pays))
    const { buyer } = createForgetfulBuyer(1)
    await refusalOf(buyer.paidFetch(seller.url, post))
    expect((await buyer.paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })
})

it('client.forget: gives up a payment of whose response the ledger was never told', async () => {
  const seller = await openSeller(inTurn(drops, pays))
  const { buyer } = createForgetfulBuyer(Number.POSITIVE_INFINITY)
  const keyed = { ...post, headers: { 'Idempotency-Key': 'order-7' } }
  await refusalOf(buyer.paidFetch(seller.url, keyed))
  expect(await refusalOf(buyer.paidFetch(seller.url, keyed))).toMatchObject({ code: 'PURCHASE_UNDER_WAY' })
  const [payment] = await buyer.client.inDoubt()
  await buyer.client.forget(payment?.id ?? '')
  expect((await buyer.paidFetch(seller.url, keyed)).status).toBe(200)
  expect(buyer.signatures()).toBe(2)
})

it('an official scheme: is never handed what another account paid for on the same ledger', async () => {
  const ledger = createMemoryLedger()
  const answer = inTurn(drops, pays, pays)
  const seller = await openSeller((request, response) =>
    request.payment === undefined ? askToPay(response) : answer(request, response),
  )
  const open = (options: ClientOptions) => {
    const scheme = new OfficialScheme(privateKeyToAccount(generatePrivateKey()))
    return wrapFetchWithPayment(fetch, new x402Client(options).register('eip155:*', scheme as never))
  }
  const [ann, bob] = [open({ ledger }), open({ ledger })]
  await refusalOf(ann(seller.url, post))
  expect(await refusalOf(bob(seller.url, post))).toMatchObject({ code: 'PAID_PERHAPS', money: 'untouched' })
  expect((await ann(seller.url, post)).status).toBe(200)
  expect(seller.authorizations().size).toBe(1)
})

it('payFrom: pays no flow that one of its accounts has and that isn’t allowed', async () => {
  const seller = await openSeller(inTurn(says(200)))
  const upfront = readable(
    Object.assign(new ExactEvmScheme(account), { defaultPaymentFlow: () => 'upfront' }),
    describeEvmPayload,
  )
  const client = new x402Client().register('eip155:*', payFrom([upfront]))
  const error = await refusalOf(wrapFetchWithPayment(fetch, client)(seller.url))
  expect(error).toMatchObject({ code: 'NO_PAYABLE_OFFER', money: 'untouched' })
})

/** A buyer whose ledger fails so many times to note what became of a payment that left. */
function createForgetfulBuyer(failures: number) {
  const ledger = createMemoryLedger()
  let left = failures
  const forgetful: Ledger = {
    ...ledger,
    note(id, event) {
      if (!['delivered', 'answered', 'lost'].includes(event.type) || left-- <= 0) return ledger.note(id, event)
      return Promise.reject(new Error('the connection to the ledger broke'))
    },
  }
  return { buyer: createBriskBuyer({ ledger: forgetful }) }
}

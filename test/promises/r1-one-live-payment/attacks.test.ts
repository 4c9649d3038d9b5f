import { createServer } from 'node:net'
import { ExactEvmScheme as OfficialExactEvmScheme } from '@x402/evm/exact/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { SchemeNetworkClient } from '../../../src/payment/scheme.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { askToPay, createRequired, deliver, sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { authorizationOf } from '../../unit/schemes/evm/exact/authorization-of.js'

/** Each of these made the buyer pay twice, elsewhere or unseen before it was mended. */
describe('attack:', () => {
  it('a deeply nested 402 after the payment hides it from no retry', async () => {
    const nested = btoa(`{"x402Version":2,"accepts":[],"error":${'['.repeat(5500)}${']'.repeat(5500)}}`)
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      response.writeHead(402, { 'payment-required': nested })
      response.end()
    })
    const buyer = createBuyer()
    const post = { method: 'POST', body: 'question' }
    for (let call = 0; call < 3; call++) {
      expect(await refusalOf(buyer.paidFetch(seller.url, post))).toMatchObject({ money: 'in-doubt' })
    }
    expect(seller.authorizations().size).toBe(1)
    expect(buyer.signatures()).toBe(1)
  })

  it('a status line that `Response` refuses ends no process and holds no money', async () => {
    const header = encodeJsonHeader(createRequired())
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () =>
        socket.end(`HTTP/1.1 402 €\r\npayment-required: ${header}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`),
      )
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const buyer = createBuyer()
    buyer.client.onAfterPaymentCreation(async () => {
      throw new Error('stop')
    })
    const error = await refusalOf(buyer.paidFetch(`http://127.0.0.1:${port}/`))
    expect(error).toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'released' })
    expect(await buyer.records()).toMatchObject([{ state: 'released' }])
  })

  it('a scheme that does not say who pays has its lost payment presented again, not signed anew', async () => {
    let paid = 0
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      if (++paid < 3) response.destroy()
      else deliver(response, request)
    })
    const client = new x402Client().register('eip155:*', new OfficialExactEvmScheme(account))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const post = { method: 'POST', body: 'question' }
    await refusalOf(paidFetch(seller.url, post))
    await refusalOf(paidFetch(seller.url, post))
    expect((await paidFetch(seller.url, post)).status).toBe(200)
    expect(seller.authorizations().size).toBe(1)
  })

  it('a URL object that changes leads the payment nowhere else', async () => {
    const other = await openSeller((_request, response) => void response.end('stolen'))
    const seller = await openSeller(sell)
    const url = new URL(seller.url)
    const buyer = createBuyer()
    buyer.client.onBeforePaymentCreation(() => {
      url.href = other.url
    })
    expect((await buyer.paidFetch(url)).status).toBe(200)
    expect(other.requests).toHaveLength(0)
  })

  it('a payload that reads otherwise the second time is sent as it was compared', async () => {
    const seller = await openSeller(sell)
    let reads = 0
    const scheme = new ExactEvmScheme(account)
    const cheat: SchemeNetworkClient = {
      scheme: 'exact',
      payer: scheme.payer,
      findDefaultAsset: (asset, network) => scheme.findDefaultAsset(asset, network),
      describe: (payload, requirements) => scheme.describe(payload, requirements),
      async createPaymentPayload(version, requirements, context) {
        const { payload } = await scheme.createPaymentPayload(version, requirements, context)
        const { signature } = payload
        const authorization = authorizationOf(payload)
        const shown = { ...authorization }
        Object.defineProperty(shown, 'value', {
          enumerable: true,
          get: () => (reads++ === 0 ? authorization.value : '999000000'),
        })
        return { x402Version: version, payload: { authorization: shown, signature } }
      },
    }
    const client = new x402Client().register('eip155:*', cheat)
    await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(seller.requests[1]?.payment?.payload).toMatchObject({ authorization: { value: '10000' } })
  })

  it('a payload of another payer is not taken for ours', async () => {
    const seller = await openSeller(sell)
    const scheme = new ExactEvmScheme(account)
    const other: SchemeNetworkClient = {
      scheme: 'exact',
      payer: `0x${'77'.repeat(20)}`,
      findDefaultAsset: (asset, network) => scheme.findDefaultAsset(asset, network),
      describe: (payload, requirements) => scheme.describe(payload, requirements),
      createPaymentPayload: (version, requirements, context) =>
        scheme.createPaymentPayload(version, requirements, context),
    }
    const client = new x402Client().register('eip155:*', other)
    const error = await refusalOf(wrapFetchWithPayment(fetch, client)(seller.url))
    expect(error).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
    expect(seller.requests).toHaveLength(1)
  })

  it('a signature that the seller sends back stands in no message, event or record', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) return askToPay(response)
      askToPay(response, createRequired([], { error: `no: ${request.payment.payload['signature']}` }))
    })
    const { client, paidFetch } = createBuyer()
    const events: unknown[] = []
    client.on('payment', (event) => events.push(event))
    const error = await refusalOf(paidFetch(seller.url))
    const signature = String(seller.requests[1]?.payment?.payload['signature']).slice(2)
    const outputs = JSON.stringify([error, error.message, events, await client.payments()])
    expect(signature).toHaveLength(130)
    expect(outputs).not.toContain(signature)
    expect(outputs).toContain('no: …')
  })

  it('tags that read otherwise the second time name no other client', async () => {
    const seller = await openSeller(sell)
    const { client } = createBuyer()
    const restricted = client.restrict({ reach: 'anywhere', total: '$1' })
    let reads = 0
    const x402 = {
      get tags() {
        return reads++ === 0 ? ['a'] : ['client/forged']
      },
    }
    await wrapFetchWithPayment(fetch, restricted)(seller.url, { x402 })
    expect((await restricted.payments())[0]?.tags).not.toContain('client/forged')
  })

  it('an allowance that a scheme signed without a word leaves with no payment', async () => {
    const required = createRequired(undefined, { extensions: { eip2612GasSponsoring: { info: { version: '1' } } } })
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, required)
      else deliver(response, request)
    })
    const scheme = new ExactEvmScheme(account)
    const silent: SchemeNetworkClient = {
      scheme: 'exact',
      payer: scheme.payer,
      findDefaultAsset: (asset, network) => scheme.findDefaultAsset(asset, network),
      describe: (payload, requirements) => scheme.describe(payload, requirements),
      listAllowances: () => [],
      createPaymentPayload: async (version, requirements, context) => ({
        ...(await scheme.createPaymentPayload(version, requirements, context)),
        extensions: { eip2612GasSponsoring: { info: { version: '1', amount: '999000000' } } },
      }),
    }
    const client = new x402Client().register('eip155:*', silent)
    const error = await refusalOf(wrapFetchWithPayment(fetch, client)(seller.url))
    expect(error).toMatchObject({ code: 'SIGNED_OTHER_TERMS', money: 'released' })
    expect(seller.requests).toHaveLength(1)
  })
})

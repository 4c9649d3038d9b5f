import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { LimitsOptions } from '../../../src/limits/create-limits.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { askToPay, createOffer, createRequired, deliver, NETWORK, TRANSACTION } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** A wallet that shows each question until all of them are answered. */
function createPatientWallet() {
  const prompts: (() => void)[] = []
  const signer = {
    address: account.address,
    async signTypedData(...asked: Parameters<typeof account.signTypedData>) {
      await new Promise<void>((resolve) => prompts.push(resolve))
      return account.signTypedData(...asked)
    },
  }
  return {
    signer,
    prompts: () => prompts.length,
    answerAll() {
      for (const answer of prompts) answer()
    },
  }
}

const perMinute: Readonly<Record<string, LimitsOptions>> = {
  'a number of payments a minute': { perMinute: { payments: 1 } },
  'an amount a minute': { perMinute: '$0.01' },
  'a window of its own': { windows: [{ window: '30s', amount: '$0.01' }] },
}

describe('a seller whose offers live for ten minutes, and a wallet whose prompts stay open', () => {
  it.each(Object.entries(perMinute))('never gets more in one second than %s allows', async (_name, limits) => {
    const offer = createOffer({ maxTimeoutSeconds: 600 })
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response, createRequired([offer]))
      else deliver(response, request)
    })
    const clock = createBriskClock()
    const wallet = createPatientWallet()
    const client = new x402Client({ clock, ledger: createMemoryLedger({ clock }), limits })
    client.register('eip155:*', new ExactEvmScheme(wallet.signer))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const calls: Promise<unknown>[] = []
    for (let call = 1; call <= 5; call++) {
      calls.push(paidFetch(`${seller.url}/${call}`).catch(() => undefined))
      await expect.poll(wallet.prompts).toBe(call)
      clock.advance(60)
    }
    wallet.answerAll()
    await Promise.all(calls)
    const alive = seller.requests.filter(({ payment }) => {
      const { validBefore } = new Object(payment?.payload['authorization']) as { validBefore?: string }
      return Number(validBefore ?? 0) > clock.nowSeconds()
    })
    expect(alive.length).toBeLessThanOrEqual(1)
  })

  it('is sent no payment whose time was over before the wallet signed', async () => {
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined) askToPay(response)
      else deliver(response, request)
    })
    const clock = createBriskClock()
    const wallet = createPatientWallet()
    const client = new x402Client({ clock, ledger: createMemoryLedger({ clock }) })
    client.register('eip155:*', new ExactEvmScheme(wallet.signer))
    const call = wrapFetchWithPayment(fetch, client)(seller.url).catch(() => undefined)
    await expect.poll(wallet.prompts).toBe(1)
    clock.advance(600)
    wallet.answerAll()
    await call
    expect(seller.value()).toBe(0n)
  })
})

/** The platform's fetch as it answers once it has followed a redirect, without a certificate for the test. */
function createRedirectedFetch(final: (asked: URL) => string) {
  let payments = 0
  const redirected: typeof fetch = async (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    const isPaid = new Headers(init?.headers).has('payment-signature')
    if (isPaid) payments += 1
    const headers: HeadersInit = isPaid ? {} : { 'payment-required': encodeJsonHeader(createRequired()) }
    const response = new Response('{"ok":true}', { status: isPaid ? 200 : 402, headers })
    return Object.defineProperties(response, { url: { value: final(asked) }, redirected: { value: true } })
  }
  return { fetch: redirected, payments: () => payments }
}

describe('a seller that sells one resource again', () => {
  it('is paid once for `http` and `https` of one address that it then moves elsewhere', async () => {
    const shop = createRedirectedFetch(({ hostname, href }) =>
      hostname === 'shop.example.com' ? 'https://cdn.example.com/item' : href,
    )
    const { client } = createBuyer({ allowRedirectedOrigin: true, limits: { perResource: { payments: 1 } } })
    const paidFetch = wrapFetchWithPayment(shop.fetch, client)
    for (const protocol of ['http', 'https']) {
      await paidFetch(`${protocol}://shop.example.com/item`).catch(() => undefined)
    }
    expect(shop.payments()).toBe(1)
  })
})

describe('an honest seller of a channel', () => {
  it('is paid for the second and third thing by the official object, which learns what was charged', async () => {
    const offer = createOffer({
      scheme: 'batch-settlement',
      extra: { name: 'USDC', version: '2', receiverAuthorizer: `0x${'66'.repeat(20)}`, withdrawDelay: 900 },
    })
    let charged = 0n
    const seller = await openSeller(({ payment }, response) => {
      if (payment === undefined) return askToPay(response, createRequired([offer]))
      const most = BigInt(Reflect.get(new Object(payment.payload['voucher']), 'maxClaimableAmount'))
      // As the official seller does: each voucher adds up all that was charged.
      if (most < charged + 10_000n) {
        const error = 'invalid_batch_settlement_evm_cumulative_amount_mismatch'
        return askToPay(response, createRequired([offer], { error }))
      }
      charged += 10_000n
      const channelState = { chargedCumulativeAmount: String(charged) }
      const extra = { chargedAmount: '10000', channelState }
      const receipt = { success: true, transaction: TRANSACTION, network: NETWORK, payer: account.address, extra }
      response.writeHead(200, { 'payment-response': encodeJsonHeader(receipt) })
      response.end('{"ok":true}')
    })
    const client = new x402Client().register('eip155:*', new BatchSettlementEvmScheme(account as never))
    const paidFetch = wrapFetchWithPayment(fetch, client)
    const statuses: unknown[] = []
    for (const day of [1, 2, 3]) {
      statuses.push(await paidFetch(`${seller.url}/${day}`).then(({ status }) => status, String))
    }
    expect(statuses).toEqual([200, 200, 200])
  })
})

import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { describe, expect, it } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account, createBuyer } from '../../support/create-buyer.js'
import { createReopening } from '../../support/ledger/reopen.js'
import { calling } from '../../support/money/create-brisk-buyer.js'
import {
  askToPay,
  createOffer,
  createRequired,
  deliver,
  NETWORK,
  sell,
  TRANSACTION,
  USDC,
} from '../../support/offers.js'
import { createProvingBuyer } from '../../support/proving-buyer.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** What sellers write to be paid more, elsewhere, or uncounted. */
const hostile: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['a chain with a leading zero', { network: 'eip155:084532' }],
  ['a chain in capitals', { network: 'EIP155:84532' }],
  ['a chain in hex', { network: 'eip155:0x14a34' }],
  ['a chain with a space behind', { network: 'eip155:84532 ' }],
  ['the same token on a chain where nobody knows it', { network: 'eip155:1' }],
  ['the same token on its mainnet', { network: 'eip155:8453' }],
  ['a network that every object has', { network: 'constructor' }],
  ['a scheme that every object has', { scheme: 'toString' }],
  ['a prototype as its scheme', { scheme: '__proto__' }],
  ['a token with an invisible letter', { asset: `${USDC}\u200b` }],
  ['a token that is cut off', { asset: USDC.slice(0, -1) }],
  ['decimals of its own', { amount: '1000000', extra: { name: 'USDC', version: '2', decimals: 18 } }],
  ['a symbol of its own', { amount: '1000000', extra: { name: 'USDC', version: '2', symbol: 'SHIB' } }],
  ['another domain for a known token', { extra: { name: 'EUR', version: '9' } }],
  ['an amount of nothing', { amount: '0' }],
  ['an amount below nothing', { amount: '-10000' }],
  ['an amount with an exponent', { amount: '1e9' }],
  ['an amount in hex', { amount: '0x2710' }],
  ['an amount with a space', { amount: ' 10000' }],
  ['an amount with a point', { amount: '10000.5' }],
  ['an amount as a number', { amount: 10_000 }],
  ['an amount in other digits', { amount: '١٠٠٠٠' }],
  ['an amount of 2^256', { amount: String(2n ** 256n) }],
  ['the largest amount that there is', { amount: String(2n ** 256n - 1n) }],
  ['two amounts', { amount: '10000', maxAmountRequired: '90000000' }],
  ['an amount that is a list', { amount: ['10000'] }],
  ['a life of three hundred million years', { maxTimeoutSeconds: Number.MAX_SAFE_INTEGER }],
  ['a life of no time', { maxTimeoutSeconds: 0 }],
  ['nobody to pay', { payTo: `0x${'00'.repeat(20)}` }],
  ['the token to pay', { payTo: USDC }],
  ['the payer to pay', { payTo: account.address }],
  ['a flow in which money moves first', { extra: { name: 'USDC', version: '2', paymentFlow: 'upfront' } }],
  ['an allowance of its own', { extra: { name: 'USDC', version: '2', assetTransferMethod: 'erc7710' } }],
]

describe('a seller that writes hostile terms', () => {
  it.each(hostile)('gets no more than its limit, and nothing uncounted: %s', async (_name, changes) => {
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) deliver(response, request)
      else askToPay(response, createRequired([createOffer(changes)]))
    })
    const { client, paidFetch, signatures } = createBuyer({ limits: { perPayment: '$0.01', perDay: '$0.02' } })
    for (const day of [1, 2, 3, 4]) await paidFetch(`${seller.url}/${day}`).catch(() => undefined)
    expect(seller.value()).toBeLessThanOrEqual(20_000n)
    expect(signatures()).toBeLessThanOrEqual(2)
    const [perDay] = await client.spending()
    expect(perDay?.left).toBe(['$0.02', '$0.01', '$0.00'][signatures()])
  })

  it('changes no object by keys that name its prototype, and is paid what it asks for', async () => {
    const text = JSON.stringify(createRequired([createOffer()], { extensions: { note: { info: {} } } }))
    const evil =
      '"__proto__":{"amount":"1","payTo":"0x0","isPegged":true,"polluted":true},"constructor":{"prototype":{}}'
    const required = text
      .replace('"extra":{', `"extra":{${evil},"toJSON":"no",`)
      .replace('"info":{', `"info":{${evil}`)
      .replace('{', `{${evil},`)
    const seller = await openSeller((request, response) => {
      if (request.payment !== undefined) return deliver(response, request)
      response.writeHead(402, { 'payment-required': Buffer.from(required).toString('base64') })
      response.end()
    })
    const { paidFetch } = createBuyer({ limits: { perPayment: '$0.01' } })
    expect((await paidFetch(seller.url)).status).toBe(200)
    expect(seller.value()).toBe(10_000n)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it.each([
    'api.example.com.evil.test',
    'api.example.com:8443',
    'xn--pi-7kc.example.com',
    'аpi.example.com',
    'evil.test/api.example.com',
    'evil.test?api.example.com',
    'evil.test#api.example.com',
    'evilapi.example.com',
  ])('is not paid as `api.example.com` under the name of %s', async (named) => {
    const headers = { 'payment-required': encodeJsonHeader(createRequired()) }
    const answer: typeof fetch = async () => new Response('{}', { status: 402, headers })
    const { client, signatures } = createBuyer({ limits: { hosts: ['api.example.com'] } })
    const error = await refusalOf(wrapFetchWithPayment(answer, client)(`https://${named}`))
    expect(error).toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
    expect(signatures()).toBe(0)
  })
})

/** Says that this much was charged, of what was signed. */
const charging = (amount: string, more: object = {}) =>
  encodeJsonHeader({
    success: true,
    transaction: TRANSACTION,
    network: NETWORK,
    payer: account.address,
    amount,
    ...more,
  })

describe('a seller that lies about what it took', () => {
  it.each([
    ['nothing', charging('0')],
    ['a part', charging('1')],
    ['nothing, and that it failed', charging('0', { success: false })],
    ['less than nothing', charging('-10000')],
    ['words', charging('none')],
  ])('frees no room by a receipt of %s', async (_name, receipt) => {
    const seller = await openSeller(({ payment }, response) => {
      if (payment === undefined) return askToPay(response)
      response.writeHead(200, { 'payment-response': receipt })
      response.end('{"ok":true}')
    })
    const { client, paidFetch, signatures } = createBuyer({ limits: { perDay: '$0.02' } })
    for (const day of [1, 2, 3]) await paidFetch(`${seller.url}/${day}`).catch(() => undefined)
    expect(signatures()).toBe(2)
    expect(await client.spending()).toMatchObject([{ left: '$0.00' }])
  })

  it('frees no room by a node in league with it, until a minute after the end', async () => {
    const seller = await openSeller(({ payment }, response) => {
      if (payment === undefined) askToPay(response)
      else response.destroy()
    })
    const { client, chain, clock, paidFetch, signatures } = createProvingBuyer({
      limits: { perDay: '$0.01' },
      circuit: false,
    })
    chain.verdict = 'unspent-and-dead'
    for (const day of [1, 2, 3]) await paidFetch(`${seller.url}/${day}`).catch(() => undefined)
    clock.advance(60 + 59)
    await client.reconcile()
    await refusalOf(paidFetch(`${seller.url}/4`))
    expect(signatures()).toBe(1)
  })

  it('is signed no voucher for what it says three times that it charged for one payment', async () => {
    const extra = { name: 'USDC', version: '2', receiverAuthorizer: `0x${'66'.repeat(20)}`, withdrawDelay: 900 }
    const channel = (amount: string, more: object = {}) =>
      createRequired([createOffer({ scheme: 'batch-settlement', amount, extra: { ...extra, ...more } })])
    const seller = await openSeller(({ payment, path }, response) => {
      const isSecond = path === '/second'
      if (payment === undefined) {
        return askToPay(response, isSecond ? channel('10000') : channel('1000000', { minDeposit: '5000000' }))
      }
      const said = charging('1000000', { extra: { chargedAmount: isSecond ? '10000' : '1000000' } })
      response.writeHead(isSecond ? 200 : 503, { 'payment-response': said })
      response.end('{}')
    })
    const client = new x402Client({ limits: { perPayment: '$5' } })
    client.register('eip155:*', new BatchSettlementEvmScheme(account as never))
    await wrapFetchWithPayment(fetch, client)(`${seller.url}/first`).catch(() => undefined)
    const agent = client.restrict({ reach: 'anywhere', name: 'agent', total: '$0.05' })
    await wrapFetchWithPayment(fetch, agent)(`${seller.url}/second`).catch(() => undefined)
    for (const { payment } of seller.requests) {
      const most = BigInt(Reflect.get(new Object(payment?.payload['voucher']), 'maxClaimableAmount') ?? 0)
      expect(most).toBeLessThanOrEqual(1_010_000n)
    }
  })
})

describe('a caller that chooses its tags and names', () => {
  it('gets no more by a tag that it gives twice, also after a restart and once the chain freed it', async () => {
    const open = await createReopening()
    let isRejecting = true
    const seller = await openSeller((request, response) => {
      if (request.payment === undefined || isRejecting) askToPay(response)
      else deliver(response, request)
    })
    const twice = calling({ tags: ['job', 'job'] })
    const before = createProvingBuyer({ ledger: await open(), circuit: false })
    for (const day of [1, 2]) await before.paidFetch(`${seller.url}/${day}`, twice).catch(() => undefined)
    const limits = { tags: { job: { total: '$0.02' } } }
    const after = createProvingBuyer({ ledger: await open(), circuit: false, limits })
    await refusalOf(after.paidFetch(`${seller.url}/3`, twice))
    after.clock.advance(700)
    after.chain.verdict = 'unspent-and-dead'
    await after.client.reconcile()
    isRejecting = false
    const statuses: unknown[] = []
    for (const day of [4, 5, 6]) {
      statuses.push(await after.paidFetch(`${seller.url}/${day}`, twice).then(({ status }) => status, String))
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(2)
  })

  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('gets no second budget by the name %s', async (name) => {
    const open = await createReopening()
    const seller = await openSeller(sell)
    let paid = 0
    for (const round of [1, 2, 3]) {
      const { client } = createBuyer({ ledger: await open() })
      const agentFetch = wrapFetchWithPayment(fetch, client.restrict({ reach: 'anywhere', name, total: '$0.02' }))
      for (const tag of ['__proto__', name]) {
        const init = calling({ tags: [tag] })
        paid += await agentFetch(`${seller.url}/${round}/${tag}`, init).then(
          () => 1,
          () => 0,
        )
      }
    }
    expect(paid).toBe(2)
  })

  it.each(['name/agent', 'name/agent//a', 'client/1', 'client/?1'])('forges no label: %s', async (tag) => {
    const seller = await openSeller(sell)
    const { paidFetch, signatures } = createBuyer()
    const init = calling({ tags: [tag] })
    expect(await refusalOf(paidFetch(seller.url, init))).toMatchObject({ code: 'INVALID_OPTION' })
    expect(signatures()).toBe(0)
  })

  it('loosens no limit by a `max` above it, nor by children that each have a budget', async () => {
    const seller = await openSeller(sell)
    const { client, paidFetch, signatures } = createBuyer({ limits: { perPayment: '$0.005' } })
    expect(await refusalOf(paidFetch(seller.url, calling({ max: '$5' })))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(signatures()).toBe(0)
    const wide = createBuyer()
    const parent = wide.client.restrict({ reach: 'anywhere', name: 'team', total: '$0.02' })
    for (const child of ['a', 'b', 'c', 'd']) {
      const childFetch = wrapFetchWithPayment(fetch, parent.restrict({ name: child, total: '$1' }).restrict({}))
      await childFetch(`${seller.url}/${child}`).catch(() => undefined)
    }
    expect(wide.signatures()).toBe(2)
    expect(await client.payments()).toEqual([])
  })
})

import { ExactEvmScheme as OfficialExactEvmScheme } from '@x402/evm/exact/client'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { payFrom } from '../../../src/client/pay-from.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { ApprovalRequest } from '../../../src/payment/limits.js'
import type { SchemeNetworkClient, TokenAllowance } from '../../../src/payment/scheme.js'
import { paymentOf } from '../../../src/payment/summary.js'
import { MAX_PAYMENT_HEADER } from '../../../src/wire/encoded-payment.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { account } from '../../support/create-buyer.js'
import { askToPay, createOffer, createRequired, NETWORK, TRANSACTION, USDC } from '../../support/offers.js'
import type { SellerRequest } from '../../support/start-seller.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createAllowanceNode } from '../../unit/schemes/evm/sponsoring/create-allowance-node.js'
import { startRpc } from '../../unit/schemes/evm/start-rpc.js'

const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'
const offer = createOffer({ extra: { name: 'USDC', version: '2', assetTransferMethod: 'permit2' } })
const declared = { info: { description: 'd', version: '1' }, schema: {} }
const permit: TokenAllowance = { by: 'eip2612GasSponsoring', asset: USDC, spender: PERMIT2, amount: '10000' }
const approval: TokenAllowance = { ...permit, by: 'erc20ApprovalGasSponsoring' }

/** A seller that submits allowances, and what came with each payment. */
async function openSponsor(keys: readonly string[] = [permit.by], others: Record<string, unknown> = {}) {
  const payments: NonNullable<SellerRequest['payment']>[] = []
  const extensions = { ...Object.fromEntries(keys.map((key) => [key, declared])), ...others }
  const seller = await openSeller(({ payment }, response) => {
    if (payment === undefined) return askToPay(response, createRequired([offer], { extensions }))
    payments.push(payment)
    response.setHeader(
      'payment-response',
      encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK }),
    )
    response.end('bought')
  })
  return { ...seller, url: seller.url, payments }
}

async function createBuyer(options: ExactEvmScheme.Options = {}, approve?: (request: ApprovalRequest) => boolean) {
  const node = await startRpc(createAllowanceNode())
  const client = new x402Client(approve && { limits: { approve } }).register(
    'eip155:*',
    new ExactEvmScheme(account, { rpc: { [NETWORK]: node.url }, ...options }),
  )
  return { client, node, paidFetch: wrapFetchWithPayment(fetch, client) }
}

describe('an allowance beside a payment', () => {
  it('goes out with the payment, and is listed with it', async () => {
    const { url, payments } = await openSponsor()
    const { client, paidFetch } = await createBuyer()
    await paidFetch(url)
    expect(payments[0]?.extensions?.[permit.by]).toMatchObject({ info: { amount: '10000', spender: PERMIT2 } })
    expect(await client.payments()).toMatchObject([{ amount: '10000', allowances: [permit] }])
  })

  it.each([permit, approval])('stays in a payment of which the rest is too long: $by', async ({ by }) => {
    const said = {
      [by]: { ...declared, schema: { text: 'x'.repeat(4_000) } },
      large: { info: { text: 'x'.repeat(5_500) } },
      small: { info: {} },
    }
    const { url, payments, requests } = await openSponsor([by], said)
    const { paidFetch } = await createBuyer()
    await paidFetch(url)
    const { extensions } = payments[0] ?? {}
    expect(Object.keys(extensions ?? {}).sort()).toEqual([by, 'small'].sort())
    expect(extensions?.[by]).toEqual({ info: expect.objectContaining({ ...declared.info, amount: '10000' }) })
    expect(String(requests.at(-1)?.headers['payment-signature']).length).toBeLessThanOrEqual(MAX_PAYMENT_HEADER)
  })

  it('is not signed for a seller whose words about it would fill the header', async () => {
    const { url, payments } = await openSponsor([], { [permit.by]: { info: { description: 'x'.repeat(7_000) } } })
    const { node, paidFetch } = await createBuyer()
    await refusalOf(paidFetch(url))
    expect([payments, node.roundTrips]).toEqual([[], 1])
  })

  it('is shown to whoever approves, before anything is signed', async () => {
    const { url, payments } = await openSponsor([permit.by, approval.by])
    const asked: ApprovalRequest[] = []
    const { client, node, paidFetch } = await createBuyer({}, (request) => asked.push(request) < 0)
    expect(await refusalOf(paidFetch(url))).toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
    expect(asked.map(({ allowances }) => allowances)).toEqual([[permit, approval]])
    expect([payments.length, node.roundTrips, (await client.payments()).length]).toEqual([0, 0, 0])
  })

  it('is told by a quote, without asking a chain', async () => {
    const { url } = await openSponsor([approval.by])
    const { node, paidFetch } = await createBuyer({ allowance: 'standing' })
    const { taken } = await paidFetch.quote(url)
    expect(taken?.allowances).toEqual([{ ...approval, amount: String(2n ** 256n - 1n) }])
    expect(node.roundTrips).toBe(0)
  })

  it('is not signed for a price that the limits refuse', async () => {
    const { url } = await openSponsor()
    const node = await startRpc(createAllowanceNode())
    const scheme = new ExactEvmScheme(account, { rpc: { [NETWORK]: node.url } })
    const client = new x402Client({ limits: { perPayment: '$0.001' } }).register('eip155:*', scheme)
    expect(await refusalOf(wrapFetchWithPayment(fetch, client)(url))).toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(node.roundTrips).toBe(0)
  })

  it('error: ALLOWANCE_REQUIRED when it can not be signed, and nothing is held', async () => {
    const { url, payments } = await openSponsor()
    const node = await startRpc(createAllowanceNode({ permitNonce: undefined }))
    const scheme = new ExactEvmScheme(account, { rpc: { [NETWORK]: node.url } })
    const client = new x402Client().register('eip155:*', scheme)
    const error = await refusalOf(wrapFetchWithPayment(fetch, client)(url))
    expect(error).toMatchObject({
      name: 'SigningError',
      code: 'ALLOWANCE_REQUIRED',
      money: 'untouched',
      facts: { token: USDC, spender: PERMIT2, needed: '10000 units', allowed: '0 units' },
    })
    expect(payments).toEqual([])
    expect(await client.payments()).toMatchObject([{ money: 'released' }])
  })
})

describe('an allowance beside a payment of one of several accounts', () => {
  const other = privateKeyToAccount(`0x${'22'.repeat(32)}`)

  /** The first can sign no transaction; the second can, and pays. */
  async function createBuyers() {
    const node = await startRpc(createAllowanceNode())
    const options = { rpc: { [NETWORK]: node.url } }
    const { address, signTypedData } = account
    const [first, second] = [
      new ExactEvmScheme({ address, signTypedData }, options),
      new ExactEvmScheme(other, options),
    ]
    const asked: ApprovalRequest[] = []
    const approve = (request: ApprovalRequest) => asked.push(request) > 0
    const scheme = payFrom([first, second], { pays: () => second.payer })
    const client = new x402Client({ limits: { approve } }).register('eip155:*', scheme)
    return { client, asked, paidFetch: wrapFetchWithPayment(fetch, client) }
  }

  it('is what the account that pays can sign, and told by a quote once', async () => {
    const { url, payments } = await openSponsor([approval.by])
    const { client, asked, paidFetch } = await createBuyers()
    expect((await paidFetch.quote(url)).taken?.allowances).toEqual([approval])
    await paidFetch(url)
    expect(asked).toMatchObject([{ payer: other.address, allowances: [approval] }])
    expect(payments[0]?.extensions?.[approval.by]).toMatchObject({ info: { from: other.address } })
    expect(await client.payments()).toMatchObject([{ payer: other.address, allowances: [approval] }])
  })

  it('is named by its spender when the seller misses it', async () => {
    const seller = await openSeller(({ payment }, response) => {
      const error = payment === undefined ? undefined : 'permit2_allowance_required'
      askToPay(response, createRequired([offer], { error }))
    })
    const { paidFetch } = await createBuyers()
    const { facts } = await refusalOf(paidFetch(seller.url))
    expect(facts).toMatchObject({ token: USDC, spender: PERMIT2, needed: '10000 units' })
  })
})

describe('a scheme that signed an allowance is told when its seller responds without settling', () => {
  const receipt = encodeJsonHeader({ success: true, transaction: TRANSACTION, network: NETWORK })

  it.each<[what: string, status: number, headers: Record<string, string>, isTold: boolean]>([
    ['a 200 without a receipt', 200, {}, true],
    ['a 404', 404, {}, true],
    ['another 402', 402, { 'payment-required': encodeJsonHeader(createRequired([offer])) }, true],
    ['a 200 with a receipt', 200, { 'payment-response': receipt }, false],
    ['a 500', 500, {}, false],
  ])('%s: and the response comes, whatever the scheme does', async (_what, status, headers, isTold) => {
    const seller = await openSeller(({ payment }, response) => {
      const extensions = { [permit.by]: declared }
      if (payment === undefined) return askToPay(response, createRequired([offer], { extensions }))
      response.writeHead(status, headers)
      response.end('done')
    })
    const node = await startRpc(createAllowanceNode())
    const scheme = new ExactEvmScheme(account, { rpc: { [NETWORK]: node.url } })
    const told: string[] = []
    const failing = Object.assign(scheme, {
      noteUnsettled(nonce: string) {
        told.push(nonce)
        throw new Error('no')
      },
    })
    const client = new x402Client().register('eip155:*', failing as SchemeNetworkClient)
    const paying = wrapFetchWithPayment(fetch, client)(seller.url)
    if (status === 402) await refusalOf(paying)
    else expect((await paying).status).toBe(status)
    expect(told).toHaveLength(isTold ? 1 : 0)
  })

  it('never of a payment without one', async () => {
    const seller = await openSeller(({ payment }, response) => {
      if (payment === undefined) return askToPay(response, createRequired([offer]))
      response.end('done')
    })
    const told: string[] = []
    const scheme = Object.assign(new ExactEvmScheme(account), {
      noteUnsettled: async (nonce: string) => void told.push(nonce),
    })
    const client = new x402Client().register('eip155:*', scheme)
    await wrapFetchWithPayment(fetch, client)(seller.url)
    expect(told).toEqual([])
  })
})

describe('attack: a seller asks for an allowance without end', () => {
  it('of the official scheme: it is not told, signs the payment alone, and asks no chain', async () => {
    const { url, payments } = await openSponsor([permit.by, approval.by])
    const node = await startRpc(createAllowanceNode())
    const client = new x402Client().register('eip155:*', new OfficialExactEvmScheme(account, { rpcUrl: node.url }))
    await wrapFetchWithPayment(fetch, client)(url)
    expect(payments).toMatchObject([{ extensions: { [permit.by]: declared, [approval.by]: declared } }])
    expect(node.roundTrips).toBe(0)
  })

  it.each<[what: string, signed: TokenAllowance[]]>([
    ['another amount', [{ ...permit, amount: '10001' }]],
    ['another spender', [{ ...permit, spender: USDC }]],
    ['twice', [permit, permit]],
    ['another kind', [approval]],
  ])('error: SIGNED_OTHER_TERMS when a scheme signs an allowance of %s than it named', async (_what, signed) => {
    const { url, payments } = await openSponsor()
    const scheme = new ExactEvmScheme(account)
    const cheat: SchemeNetworkClient = {
      scheme: 'exact',
      payer: scheme.payer,
      findDefaultAsset: (asset, network) => scheme.findDefaultAsset(asset, network),
      describe: (payload, requirements) => scheme.describe(payload, requirements),
      listAllowances: () => [permit],
      async createPaymentPayload(version, requirements) {
        const { payload } = await scheme.createPaymentPayload(version, requirements)
        return { x402Version: version, payload: { ...payload }, allowances: signed }
      },
    }
    const client = new x402Client().register('eip155:*', cheat)
    expect(await refusalOf(wrapFetchWithPayment(fetch, client)(url))).toMatchObject({
      code: 'SIGNED_OTHER_TERMS',
      money: 'released',
    })
    expect(payments).toEqual([])
  })

  it('a scheme that fails to say what it would sign, signs nothing beside', async () => {
    const { url, payments } = await openSponsor()
    const scheme = new ExactEvmScheme(account)
    const client = new x402Client().register('eip155:*', {
      scheme: 'exact',
      findDefaultAsset: (asset, network) => scheme.findDefaultAsset(asset, network),
      listAllowances: () => {
        throw new Error('no')
      },
      createPaymentPayload: async (version, requirements) => ({
        x402Version: version,
        payload: { ...(await scheme.createPaymentPayload(version, requirements)).payload },
      }),
    })
    const response = await wrapFetchWithPayment(fetch, client)(url)
    expect([response.status, payments.length]).toEqual([200, 1])
  })
})

describe('a seller answers 412', () => {
  const open = (error: string | undefined, paidStatus = 412) =>
    openSeller(({ payment }, response) => {
      if (payment === undefined) return askToPay(response, createRequired([offer]))
      const header = encodeJsonHeader(createRequired([offer], { error }))
      response.writeHead(paidStatus, error === undefined ? {} : { 'payment-required': header })
      response.end('no')
    })

  it('error: ALLOWANCE_REQUIRED, naming token, spender and amount, and the same payment is presented again', async () => {
    const seller = await open('permit2_allowance_required')
    const { client, paidFetch } = await createBuyer()
    const error = await refusalOf(paidFetch(seller.url))
    expect(error).toMatchObject({
      name: 'PaymentRejectedError',
      code: 'ALLOWANCE_REQUIRED',
      money: 'in-doubt',
      facts: { token: USDC, spender: PERMIT2, needed: '10000 units', 'seller says': '"permit2_allowance_required"' },
    })
    expect(error.message).toContain('docs/guides/evm.md#allowances')
    await refusalOf(paidFetch(seller.url))
    expect(seller.requests.filter(({ payment }) => payment !== undefined)).toHaveLength(2)
    expect(await client.payments()).toMatchObject([{ money: 'in-doubt', delivery: 'lost' }])
  })

  it('and a 402 of the same reason is told in the same words', async () => {
    const seller = await open('permit2_allowance_required', 402)
    const { paidFetch } = await createBuyer()
    expect(await refusalOf(paidFetch(seller.url))).toMatchObject({ code: 'ALLOWANCE_REQUIRED', money: 'in-doubt' })
  })

  it.each([undefined, 'anything else'])('of its own, with the reason %j: it is the answer', async (error) => {
    const seller = await open(error)
    const { paidFetch } = await createBuyer()
    const response = await paidFetch(seller.url)
    expect(response.status).toBe(412)
    expect(paymentOf(response)).toMatchObject({ money: 'in-doubt', delivery: 'answered', error: undefined })
  })
})

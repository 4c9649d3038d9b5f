import { ExactEvmScheme as OfficialScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme as OfficialUpto } from '@x402/evm/upto/client'
import { describe, expect, it } from 'vitest'
import { describeEvmPayload } from '../../../../schemes/evm/index.js'
import { type SchemeNetworkClient, x402Client } from '../../../../src/index.js'
import { account } from '../../../support/create-buyer.js'
import { createOffer } from '../../../support/offers.js'
import { askFor } from '../../flow/ask-for.js'
import { createTerms } from './exact/terms.js'
import { createPermit2Terms } from './permit2/permit2-terms.js'

const url = 'https://api.example.com/report'
const STRANGER = `0x${'66'.repeat(20)}`

/** The official scheme, and what it does to the payload after signing. */
function createForeignScheme(
  change: (authorization: Record<string, unknown>) => object = (same) => same,
): SchemeNetworkClient {
  const scheme = new OfficialScheme(account)
  return Object.assign(new OfficialScheme(account), {
    payer: account.address,
    describe: describeEvmPayload,
    async createPaymentPayload(version: number, requirements: Parameters<OfficialScheme['createPaymentPayload']>[1]) {
      const { payload, ...rest } = await scheme.createPaymentPayload(version, requirements)
      const authorization = change({ ...new Object(payload['authorization']) })
      return { ...rest, payload: { ...payload, authorization } }
    },
  })
}

function pay(scheme: SchemeNetworkClient) {
  const client = new x402Client().register('eip155:*', scheme)
  return client.createPaymentPayload(askFor([createOffer()]), { url })
}

describe('describeEvmPayload: beside the official scheme', () => {
  it('lets through what was approved', async () => {
    expect(await pay(createForeignScheme())).toMatchObject({ payload: { authorization: { from: account.address } } })
  })

  it.each([
    ['the payTo', { to: STRANGER }],
    ['the amount', { value: '10001' }],
    ['the payer', { from: STRANGER }],
    ['how long it is valid', { validBefore: '99999999999' }],
    ['what it authorizes', { value: '-1' }],
  ])('error: SIGNED_OTHER_TERMS when %s is not what was approved', async (what, changes) => {
    const paying = pay(createForeignScheme((authorization) => ({ ...authorization, ...changes })))
    await expect(paying).rejects.toMatchObject({
      code: 'SIGNED_OTHER_TERMS',
      money: 'released',
      shortMessage: `Dropped a signature: ${what} is not what was approved.`,
    })
  })
})

describe.each([
  ['exact-permit2', OfficialScheme],
  ['upto-permit2', OfficialUpto],
] as const)('describeEvmPayload: %s', (name, Official) => {
  const terms = createPermit2Terms(name)
  const signed = () => new Official(account).createPaymentPayload(2, terms)

  it('reads what the official scheme signs', async () => {
    expect(describeEvmPayload((await signed()).payload, terms)).toMatchObject({
      payer: account.address,
      payTo: terms.payTo,
      asset: terms.asset,
      amount: 10_000n,
      spender: '0x000000000022D473030F116dDEE9F6B43aC78BA3',
    })
  })

  it('reads it as no other kind of payment', async () => {
    const { payload } = await signed()
    const other = createPermit2Terms(name === 'upto-permit2' ? 'exact-permit2' : 'upto-permit2')
    expect([other, createTerms()].map((one) => describeEvmPayload(payload, one))).toEqual([undefined, undefined])
  })

  it('reads no transfer by EIP-3009 in its place', async () => {
    const { payload } = await new OfficialScheme(account).createPaymentPayload(2, createTerms())
    expect(describeEvmPayload(payload, createTerms())).toBeDefined()
    expect(describeEvmPayload(payload, terms)).toBeUndefined()
  })
})

it('describeEvmPayload: reads nothing of what it does not know', () => {
  for (const payload of [undefined, null, 'signature', {}, { transaction: 'AAAA' }]) {
    expect(describeEvmPayload(payload, createTerms())).toBeUndefined()
  }
})

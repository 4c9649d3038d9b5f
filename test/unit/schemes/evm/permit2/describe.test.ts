import { describe, expect, test } from 'vitest'
import { ExactEvmScheme, UptoEvmScheme } from '../../../../../schemes/evm/index.js'
import type { Permit2Payload } from '../../../../../schemes/evm/permit2/signature.js'
import { pinned, readVector } from '../../../../support/vectors/read-vector.js'
import { createPermit2Terms } from './permit2-terms.js'

const signer = { address: pinned.evmAddress, signTypedData: async () => '' }
const exact = readVector('exact-permit2').result?.payload as unknown as Permit2Payload
const upto = readVector('upto-permit2').result?.payload as unknown as Permit2Payload
const OTHER = `0x${'66'.repeat(20)}`

const described = {
  payer: pinned.evmAddress,
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  amount: 10_000n,
  validUntilSeconds: pinned.nowSeconds + 60,
  nonce: '72655640645470789534442441512333338382487791531607853185296561093531158822591',
  spender: '0x000000000022D473030F116dDEE9F6B43aC78BA3',
}

describe.each([
  { name: 'exact-permit2', scheme: new ExactEvmScheme(signer), payload: exact, other: upto },
  { name: 'upto-permit2', scheme: new UptoEvmScheme(signer), payload: upto, other: exact },
] as const)('describe: $name', ({ name, scheme, payload, other }) => {
  const terms = createPermit2Terms(name)
  const authorization = payload.permit2Authorization
  const change = (changes: object) => ({ ...payload, permit2Authorization: { ...authorization, ...changes } })

  test('reads what the vector authorizes', () => {
    expect(scheme.describe(payload, terms)).toEqual(described)
  })

  test.each<[what: string, changed: unknown]>([
    ['nothing', undefined],
    ['a payload of the other scheme', other],
    ['a second authorization beside the first', { ...payload, authorization: {} }],
    ['a malformed signature', { ...payload, signature: '0x123' }],
    ['another spender', change({ spender: OTHER })],
    ['no spender', change({ spender: undefined })],
    ['a field too many', change({ more: 1 })],
    ['a permission with a field too many', change({ permitted: { ...authorization.permitted, more: 1 } })],
    ['a batch of permissions', change({ permitted: [authorization.permitted] })],
    ['a witness with a field too many', change({ witness: { ...authorization.witness, more: 1 } })],
    ['a witness without a time', change({ witness: { ...authorization.witness, validAfter: undefined } })],
    ['an amount of zero', change({ permitted: { ...authorization.permitted, amount: '0' } })],
    ['an amount that is a number', change({ permitted: { ...authorization.permitted, amount: 10_000 } })],
    ['a nonce in hex', change({ nonce: '0x01' })],
    ['a nonce of 2^256', change({ nonce: String(2n ** 256n) })],
    ['a deadline far beyond this era', change({ deadline: '1'.repeat(16) })],
    ['a payer that is a name', change({ from: 'buyer.eth' })],
    ['a token that is a symbol', change({ permitted: { token: 'USDC', amount: '10000' } })],
    ['a payTo that is a name', change({ witness: { ...authorization.witness, to: 'seller.eth' } })],
  ])('reads nothing out of %s', (_what, changed) => {
    expect(scheme.describe(changed, terms)).toBeUndefined()
  })

  test('reads who is paid, and in what, from the payload alone', () => {
    const elsewhere = change({
      permitted: { token: OTHER, amount: '7' },
      witness: { ...authorization.witness, to: OTHER },
      deadline: '9',
    })
    expect(scheme.describe(elsewhere, terms)).toMatchObject({
      payTo: expect.stringMatching(new RegExp(OTHER, 'i')),
      asset: expect.stringMatching(new RegExp(OTHER, 'i')),
      amount: 7n,
      validUntilSeconds: 9,
    })
  })
})

test('ExactEvmScheme: reads no payload in another way than the offer wants', () => {
  const byEip3009 = createPermit2Terms('exact-permit2', { extra: { assetTransferMethod: undefined } })
  const scheme = new ExactEvmScheme(signer)
  const other = readVector('exact-eip3009').result?.payload
  expect(scheme.describe(exact, byEip3009)).toBeUndefined()
  expect(scheme.describe(other, byEip3009)).toMatchObject({ amount: 10_000n })
  expect(scheme.describe(other, createPermit2Terms('exact-permit2'))).toBeUndefined()
})

test.each([[OTHER], [undefined], ['x.eth']])(
  'UptoEvmScheme: reads nothing where the offer names the facilitator %s',
  (facilitatorAddress) => {
    const terms = createPermit2Terms('upto-permit2', { extra: { facilitatorAddress } })
    expect(new UptoEvmScheme(signer).describe(upto, terms)).toBeUndefined()
  },
)

import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import { isJsonObject } from '../../../../../src/wire/json.js'
import { pinned, readVector } from '../../../../support/vectors/read-vector.js'
import { createTerms } from './terms.js'

const scheme = new ExactEvmScheme(privateKeyToAccount(pinned.evmPrivateKey))
const terms = createTerms()
const payload = readVector('exact-eip3009').result?.payload ?? {}
const authorization = isJsonObject(payload['authorization']) ? payload['authorization'] : {}
const without = (key: string) => Object.fromEntries(Object.entries(authorization).filter(([name]) => name !== key))

test('describe: reads back what a payload authorizes', () => {
  expect(scheme.describe(payload, terms)).toEqual({
    payer: pinned.evmAddress,
    payTo: terms.payTo,
    asset: terms.asset,
    amount: 10_000n,
    validUntilSeconds: pinned.nowSeconds + 60,
    nonce: '0xa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf',
  })
})

test('describe: reads what was signed, not what was asked for', () => {
  const described = scheme.describe(payload, createTerms({ amount: '1', payTo: pinned.evmAddress }))
  expect(described).toMatchObject({ amount: 10_000n, payTo: terms.payTo })
})

test.each<[what: string, payload: unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['an array', [authorization, payload['signature']]],
  ['no signature', { authorization }],
  ['an empty signature', { ...payload, signature: '0x' }],
  ['half a byte of signature', { ...payload, signature: `${payload['signature']}0` }],
  ['no authorization', { signature: payload['signature'] }],
  ['a second authorization beside the first', { ...payload, permit2Authorization: {} }],
  ['a field too many', { ...payload, authorization: { ...authorization, deadline: '1' } }],
  ['no nonce', { ...payload, authorization: without('nonce') }],
  ['an inherited nonce', { ...payload, authorization: Object.assign(Object.create(authorization), without('nonce')) }],
  ['a short nonce', { ...payload, authorization: { ...authorization, nonce: '0x00' } }],
  ['a number as value', { ...payload, authorization: { ...authorization, value: 10_000 } }],
  ['a value in hex', { ...payload, authorization: { ...authorization, value: '0x2710' } }],
  ['a value of zero', { ...payload, authorization: { ...authorization, value: '0' } }],
  ['a payTo that is nobody', { ...payload, authorization: { ...authorization, to: `0x${'0'.repeat(40)}` } }],
  ['a payer that is a name', { ...payload, authorization: { ...authorization, from: 'buyer.eth' } }],
  [
    'an end that never comes',
    { ...payload, authorization: { ...authorization, validBefore: (2n ** 256n - 1n).toString() } },
  ],
  ['an end in the past of time', { ...payload, authorization: { ...authorization, validBefore: '-1' } }],
  ['a start that is no number', { ...payload, authorization: { ...authorization, validAfter: '' } }],
])('describe: answers undefined for a payload with %s', (_what, changed) => {
  expect(scheme.describe(changed, terms)).toBeUndefined()
})

import { encodeFunctionData, toEventSelector, toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import type { EvmLog } from '../../../../../schemes/evm/chain/chain.js'
import { encodeCancel, findEnd, toTopics } from '../../../../../schemes/evm/eip3009/token.js'
import type { Hex } from '../../../../../schemes/evm/index.js'
import { testUsdAbi } from '../../../../support/chain/test-usd-abi.js'

const key = {
  asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
  payer: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A',
  nonce: `0x${'a1'.repeat(32)}`,
} as const
const transaction: Hex = `0x${'cd'.repeat(32)}`
const used = toEventSelector('AuthorizationUsed(address,bytes32)')
const canceled = toEventSelector('AuthorizationCanceled(address,bytes32)')
const payer: Hex = `0x${'0'.repeat(24)}${key.payer.slice(2).toLowerCase()}`

test('encodeCancel: writes the call by v, r and s for a plain signature', () => {
  const [r, s] = [`0x${'12'.repeat(32)}`, `0x${'34'.repeat(32)}`] as const
  const expected = encodeFunctionData({
    abi: testUsdAbi,
    functionName: 'cancelAuthorization',
    args: [key.payer, key.nonce, 28, r, s],
  })
  expect(encodeCancel(key, `${r}${s.slice(2)}1c`)).toBe(expected)
})

test.each([66, 95, 96, 97, 200])('encodeCancel: writes the call by bytes for a signature of %i bytes', (length) => {
  const signature: Hex = `0x${'7f'.repeat(length)}`
  const expected = encodeFunctionData({
    abi: testUsdAbi,
    functionName: 'cancelAuthorization',
    args: [key.payer, key.nonce, signature],
  })
  expect(encodeCancel(key, signature)).toBe(expected)
})

test('encodeCancel: calls functions by what their signatures hash to', () => {
  const { payer: authorizer, nonce } = key
  const selectors = [65, 66].map((length) => encodeCancel(key, `0x${'00'.repeat(length)}`).slice(0, 10))
  expect(selectors).toEqual([
    toFunctionSelector('cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)'),
    toFunctionSelector('cancelAuthorization(address,bytes32,bytes)'),
  ])
  expect(toTopics({ asset: key.asset, payer: authorizer, nonce })).toEqual([[used, canceled], payer, nonce])
})

const log = (changes: Partial<EvmLog> = {}): EvmLog => ({
  address: key.asset,
  topics: [used, payer, key.nonce],
  data: '0x',
  blockNumber: 7,
  transaction,
  ...changes,
})

test('findEnd: tells a payment from a cancellation', () => {
  expect(findEnd([log()], key)).toEqual({ by: 'payment', blockNumber: 7, transaction })
  const end = findEnd([log({ topics: [canceled, payer, key.nonce] })], key)
  expect(end).toEqual({ by: 'cancellation', blockNumber: 7, transaction })
})

test('findEnd: reads addresses and hashes in any case', () => {
  const shout = (value: Hex): Hex => `0x${value.slice(2).toUpperCase()}`
  const topics = [used, payer, key.nonce].map(shout)
  expect(findEnd([log({ address: shout(key.asset), topics })], key)?.by).toBe('payment')
})

test('findEnd: believes the payment, when a node shows both', () => {
  expect(findEnd([log({ topics: [canceled, payer, key.nonce] }), log()], key)?.by).toBe('payment')
})

test.each<[what: string, changes: Partial<EvmLog>]>([
  ['of another token', { address: key.payer }],
  ['of another payer', { topics: [used, `0x${'0'.repeat(64)}`, key.nonce] }],
  ['of another nonce', { topics: [used, payer, `0x${'0'.repeat(64)}`] }],
  ['of another kind', { topics: [toEventSelector('Transfer(address,address,uint256)'), payer, key.nonce] }],
  ['with a topic too many', { topics: [used, payer, key.nonce, key.nonce] }],
  ['with a topic too few', { topics: [used, payer] }],
])('findEnd: sees no end in an event %s', (_what, changes) => {
  expect(findEnd([log(changes)], key)).toBeUndefined()
})

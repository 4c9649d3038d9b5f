import {
  type Chain,
  type Client,
  createPublicClient,
  type EIP1193Provider,
  http,
  type PublicClient,
  type Transport,
  type WalletClient,
} from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  ExactEvmScheme,
  type RpcSource,
  type TransactionSender,
  toClientEvmSigner,
} from '../../../../schemes/evm/index.js'
import { pinned } from '../../../support/vectors/read-vector.js'
import { createTerms } from './exact/terms.js'
import { startRpc } from './start-rpc.js'

const signer = privateKeyToAccount(pinned.evmPrivateKey)
const provider = { request: async () => '0x1' }
const construct = (options: unknown) => Reflect.construct(ExactEvmScheme, [signer, options])

test('ExactEvmScheme: takes one source or several, and knows where it has any', () => {
  const scheme = new ExactEvmScheme(signer, {
    rpc: {
      'eip155:1': 'https://node.example/key',
      'eip155:10': [provider, 'http://127.0.0.1:1'],
      'eip155:137': undefined,
    },
  })
  expect(scheme.canReconcile('eip155:1')).toBe(true)
  expect(scheme.canReconcile('eip155:10')).toBe(true)
  expect(scheme.canReconcile('eip155:137')).toBe(false)
  expect(scheme.canReconcile('eip155:8453')).toBe(false)
  expect(new ExactEvmScheme(signer).canReconcile('eip155:1')).toBe(false)
})

test('ExactEvmScheme: takes a source for the networks that are not named', () => {
  const scheme = new ExactEvmScheme(signer, { rpc: { 'eip155:1': provider, 'eip155:*': provider } })
  expect(['eip155:1', 'eip155:8453'].map((network) => scheme.canReconcile(network as 'eip155:1'))).toEqual([true, true])
  expect(scheme.canReconcile('solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp')).toBe(false)
})

describe('ExactEvmScheme: takes the options of @x402/evm', () => {
  test.each([
    ['for every chain', { rpcUrl: 'https://node.example/key' }, [true, true]],
    ['by chain id', { 137: { rpcUrl: 'https://node.example/key' }, 10: {} }, [true, false]],
  ])('%s', (_what, options, knows) => {
    const scheme = new ExactEvmScheme(signer, options)
    expect([scheme.canReconcile('eip155:137'), scheme.canReconcile('eip155:10')]).toEqual(knows)
  })

  test.each([{}, { rpcUrl: undefined }, { 137: {} }])('%o: asks the client that its signer was given', (options) => {
    const own = toClientEvmSigner(signer, createPublicClient({ transport: http('https://node.example/key') }))
    expect(new ExactEvmScheme(own, options).canReconcile('eip155:137')).toBe(true)
  })

  test('a source for another chain says nothing of a payment', async () => {
    const node = await startRpc(({ method }) => (method === 'eth_chainId' ? '0x89' : `0x${'0'.repeat(64)}`))
    const scheme = new ExactEvmScheme(signer, { rpcUrl: node.url })
    expect(await scheme.readFunding(createTerms())).toBe('unknown')
    expect(node.calls.map(({ method }) => method)).toContain('eth_chainId')
  })

  test.each([
    ['no URL', { rpcUrl: 'secret' }],
    ['a URL for a chain', { 137: 'https://node.example/secret' }],
    ['beside others', { rpcUrl: 'https://node.example/secret', signing: 'hash' }],
  ])('error: INVALID_OPTION when it is %s, which the error never holds', (_what, options) => {
    expect(() => construct(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => construct(options)).not.toThrow(/secret/)
  })
})

test('RpcSource: takes the types of viem as they are', () => {
  expectTypeOf<PublicClient>().toExtend<RpcSource>()
  expectTypeOf<PublicClient<Transport, Chain>>().toExtend<RpcSource>()
  expectTypeOf<Client>().toExtend<RpcSource>()
  expectTypeOf<EIP1193Provider>().toExtend<RpcSource>()
  expectTypeOf<{ request(call: { method: string; params?: unknown }): Promise<unknown> }>().toExtend<RpcSource>()
  expectTypeOf<URL>().not.toExtend<RpcSource>()
})

test('TransactionSender: takes the types of viem as they are', () => {
  expectTypeOf<WalletClient<Transport, Chain, typeof signer>>().toExtend<TransactionSender>()
  expectTypeOf<WalletClient<Transport, undefined, typeof signer>>().toExtend<TransactionSender>()
  expectTypeOf<PublicClient>().not.toExtend<TransactionSender>()
})

test.each<[what: string, rpc: unknown]>([
  ['a URL', 'https://secret@node.example'],
  ['null', null],
  ['an array', ['https://node.example/secret']],
  ['no source', { 'eip155:1': [] }],
  ['a number', { 'eip155:1': 1 }],
  ['a URL object', { 'eip155:1': new URL('https://node.example/secret') }],
  ['no URL', { 'eip155:1': 'node.example/secret' }],
  ['a websocket', { 'eip155:1': 'wss://node.example/secret' }],
  ['a URL with a password', { 'eip155:1': 'https://user:secret@node.example' }],
  ['a URL with a user name', { 'eip155:1': ['https://node.example', 'https://secret@node.example'] }],
  ['a provider that is none', { 'eip155:1': { send: () => undefined } }],
])('error: INVALID_OPTION when rpc is %s, which the error never holds', (_what, rpc) => {
  expect(() => construct({ rpc })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', money: 'untouched' }))
  expect(() => construct({ rpc })).not.toThrow(/secret/)
})

test.each(['base', '8453', '*', 'solana:*', 'eip155:01', 'https://node.example/secret'])(
  'error: UNKNOWN_OPTION when rpc has the key %s, which the error never holds',
  (key) => {
    const rpc = { [key]: provider }
    expect(() => construct({ rpc })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
    expect(() => construct({ rpc })).not.toThrow(/secret/)
  },
)

test.each([
  ['null', null],
  ['a function', () => undefined],
  ['an account', signer],
])('error: INVALID_OPTION when sender is %s', (_what, sender) => {
  expect(() => construct({ sender })).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

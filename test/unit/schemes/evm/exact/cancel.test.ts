import { getAddress, pad, verifyTypedData } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { createAssetLookup } from '../../../../../schemes/evm/assets/asset-lookup.js'
import { cancelEip3009, guardCancellation } from '../../../../../schemes/evm/eip3009/cancellation.js'
import { readEip3009Terms } from '../../../../../schemes/evm/eip3009/terms.js'
import { type EvmTransaction, ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import { readSigner } from '../../../../../schemes/evm/wallet/signer.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { hang, refuse, startRpc } from '../start-rpc.js'
import { createTokenNode, described, LAST, type TokenNode, toLog, transaction } from './create-token-node.js'
import { createTerms } from './terms.js'

const account = privateKeyToAccount(pinned.evmPrivateKey)
const { asset, payTo } = createTerms()
const terms = readEip3009Terms(createTerms(), readSigner(account, 'hash').address, createAssetLookup())
const approved = { requirements: createTerms(), cancels: described.nonce }
const canceled = { at: LAST - 40, by: 'AuthorizationCanceled' } as const
const used = { at: LAST - 40, by: 'AuthorizationUsed' } as const
const success = { transactionHash: transaction, status: '0x1', blockNumber: '0x1', logs: [toLog(canceled)] }

type Setting = {
  /** What the node says once the transaction was sent. */
  receipt?: unknown
  /** What the chain looks like, before and after. */
  before?: Partial<TokenNode>
  after?: Partial<TokenNode>
  send?: (transaction: EvmTransaction) => Promise<string>
  signing?: 'typed-data' | 'hash'
  /** Beside the one node that works. */
  others?: string[]
  /** How long the transaction may take. @default two minutes, as for users */
  timeoutMs?: number
  /** What the ledger has of an earlier cancellation. */
  cancellation?: string
  /** Mined when it is asked for the first time. @default the second time */
  isMined?: boolean
}

/** Cancels at a node that answers as told, and tells what was sent. */
async function cancel({
  receipt = success,
  before,
  after = {},
  send,
  signing = 'typed-data',
  others = [],
  timeoutMs,
  cancellation,
  isMined = false,
}: Setting = {}) {
  const sent: EvmTransaction[] = []
  let polls = isMined ? 1 : 0
  const node = await startRpc((call) => {
    // Mined when it is asked for a second time.
    if (call.method === 'eth_getTransactionReceipt') return polls++ === 0 ? null : receipt
    return createTokenNode({ latest: LAST - 30, ...(sent.length === 0 ? before : after) })(call)
  })
  const sender = {
    sendTransaction: async (asked: EvmTransaction) => {
      sent.push(asked)
      return send === undefined ? transaction : send(asked)
    },
  }
  const canceler = {
    payer: guardCancellation(readSigner(account, signing), approved.requirements, approved.cancels),
    sender,
    sources: [node.url, ...others],
  }
  const noted: string[] = []
  const onSent = async (hash: string) => void noted.push(hash)
  const own = { ...described, cancellation }
  const done = cancelEip3009(canceler, terms, own, { timeoutMs, pollMs: 20, onSent })
  return { sent, noted, result: await done.then(undefined, (error: unknown) => ({ error })) }
}

describe.each(['typed-data', 'hash'] as const)('cancel: with signing %s', (signing) => {
  test('sends a cancellation that the payer signed, and waits until it is mined', async () => {
    const { sent, noted, result } = await cancel({ signing })
    expect(result).toEqual({ transaction })
    expect(noted).toEqual([transaction])
    expect(sent).toMatchObject([{ to: asset, chainId: 84_532, chain: { id: 84_532, name: 'eip155:84532' } }])
    const data = sent[0]?.data ?? '0x'
    const word = (position: number) => data.slice(10 + 64 * position, 74 + 64 * position)
    expect([word(0), word(1)]).toEqual([pad(account.address).slice(2).toLowerCase(), described.nonce.slice(2)])
    const isSigned = await verifyTypedData({
      address: account.address,
      domain: { name: 'USDC', version: '2', chainId: 84_532, verifyingContract: getAddress(asset) },
      types: {
        CancelAuthorization: [
          { name: 'authorizer', type: 'address' },
          { name: 'nonce', type: 'bytes32' },
        ],
      },
      primaryType: 'CancelAuthorization',
      message: { authorizer: account.address, nonce: described.nonce },
      signature: `0x${word(3)}${word(4)}${word(2).slice(62)}`,
    })
    expect(isSigned).toBe(true)
  })
})

test('cancel: sends nothing where the ledger has one that was sent, and waits for that', async () => {
  const { sent, noted, result } = await cancel({ before: { used: canceled }, cancellation: transaction })
  expect(result).toEqual({ transaction })
  expect([sent, noted]).toEqual([[], []])
})

test('cancel: sends nothing where a source still knows what was sent, though it is not mined', async () => {
  const knows = { instead: ({ method }: { method: string }) => KNOWN[method] }
  const { sent, result } = await cancel({ before: knows, cancellation: transaction })
  expect(result).toEqual({ transaction })
  expect(sent).toEqual([])
})

const KNOWN: Readonly<Record<string, unknown>> = {
  eth_getTransactionByHash: { hash: transaction, to: asset, input: '0x' },
}

test('cancel: sends another where no source knows the one that was sent before', async () => {
  const { sent, noted, result } = await cancel({ cancellation: `0x${'0e'.repeat(32)}` })
  expect(result).toEqual({ transaction })
  expect(sent).toHaveLength(1)
  expect(noted).toEqual([transaction])
})

test('error: CANCEL_FAILED when a source says that another transaction canceled it, and nothing is sent', async () => {
  const reason = 'A source says that it was canceled by a transaction that this ledger did not send.'
  for (const cancellation of [undefined, `0x${'0e'.repeat(32)}`]) {
    const { sent, result } = await cancel({ before: { used: canceled }, ...(cancellation && { cancellation }) })
    expect(result).toMatchObject({ error: { code: 'CANCEL_FAILED', money: 'in-doubt', facts: { reason } } })
    expect(sent).toEqual([])
  }
})

test.each<[what: string, setting: Setting]>([
  ['its block is not final yet', { receipt: { ...success, blockNumber: '0xffffffff' } }],
  ['its block is only safe', { after: { final: { safe: LAST } } }],
  ['the source names no final block', { after: { final: {} } }],
])('error: CANCEL_NOT_FINAL when %s, once its time is over, and the money stays in doubt', async (_what, setting) => {
  const { sent, noted, result } = await cancel({ ...setting, timeoutMs: 0, isMined: true })
  expect(result).toMatchObject({ error: { code: 'CANCEL_NOT_FINAL', money: 'in-doubt', facts: { transaction } } })
  expect(sent).toHaveLength(1)
  expect(noted).toEqual([transaction])
})

test('error: CANCEL_FAILED when the source falls silent: the wait ends all the same', async () => {
  const { result } = await cancel({ receipt: hang(), timeoutMs: 200 })
  const reason = expect.stringContaining('not mined in time')
  expect(result).toMatchObject({ error: { code: 'CANCEL_FAILED', money: 'in-doubt', facts: { reason } } })
})

test('error: ALREADY_SPENT when it is spent already, and nothing is sent', async () => {
  const { sent, result } = await cancel({ before: { used } })
  expect(result).toMatchObject({ error: { code: 'ALREADY_SPENT', money: 'settled', facts: { transaction } } })
  expect(sent).toEqual([])
})

test('error: ALREADY_SPENT when the payment was quicker and the cancellation is reverted', async () => {
  const reverted = { ...success, status: '0x0', logs: [] }
  const { result } = await cancel({ receipt: reverted, after: { used } })
  expect(result).toMatchObject({ error: { code: 'ALREADY_SPENT', money: 'settled', facts: { transaction } } })
})

test('error: ALREADY_SPENT when the sender sees that the payment was quicker', async () => {
  const refusal = new Error('execution reverted: FiatTokenV2: authorization is used or canceled')
  const { result } = await cancel({ after: { used }, send: () => Promise.reject(refusal) })
  expect(result).toMatchObject({ error: { code: 'ALREADY_SPENT', money: 'settled', cause: refusal } })
})

const refusal = new Error('User rejected the request.')

test.each<[what: string, setting: Setting, reason: RegExp | undefined]>([
  ['the sender throws', { send: () => Promise.reject(refusal) }, undefined],
  ['the sender answers no hash', { send: async () => '0x1234' }, /not the hash of a transaction/],
  ['it is reverted', { receipt: { ...success, status: '0x0', logs: [] } }, /was reverted/],
  ['the transaction did something else', { receipt: { ...success, logs: [] } }, /canceled no such authorization/],
  ['it paid instead', { receipt: { ...success, logs: [toLog(used)] } }, /canceled no such authorization/],
])('error: CANCEL_FAILED when %s, and the money stays in doubt', async (_what, setting, reason) => {
  const { result } = await cancel(setting)
  expect(result).toMatchObject({ error: { code: 'CANCEL_FAILED', money: 'in-doubt', cause: expect.any(Error) } })
  if (reason !== undefined)
    expect(result).toMatchObject({ error: { facts: { reason: expect.stringMatching(reason) } } })
})

test.each<[what: string, setting: Setting]>([
  ['it is never mined', { receipt: null }],
  ['the receipt is of another transaction', { receipt: { ...success, transactionHash: '0x12' } }],
  ['the node fails', { receipt: refuse() }],
  ['one of two sources is dead', { others: ['http://127.0.0.1:1'] }],
])('error: CANCEL_FAILED when %s, once its time is over, and the money stays in doubt', async (_what, setting) => {
  const { result } = await cancel({ ...setting, timeoutMs: 100 })
  const reason = expect.stringContaining('not mined in time')
  expect(result).toMatchObject({ error: { code: 'CANCEL_FAILED', money: 'in-doubt', facts: { reason } } })
})

describe('ExactEvmScheme.cancel', () => {
  const rpc = { 'eip155:84532': 'http://127.0.0.1:1' } as const
  const sender = { sendTransaction: async () => transaction }

  test('error: INVALID_OPTION when it has no source to see the cancellation by', async () => {
    const canceling = new ExactEvmScheme(account, { sender }).cancel(described, createTerms())
    await expect(canceling).rejects.toThrow(/`rpc`: a source for eip155:84532/)
    await expect(canceling).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('error: INVALID_OPTION when nobody can send the transaction', async () => {
    const canceling = new ExactEvmScheme(account, { rpc }).cancel(described, createTerms())
    await expect(canceling).rejects.toThrow(/`sender`/)
    await expect(canceling).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })

  test('error: INVALID_SIGNER when somebody else signed the authorization', async () => {
    const canceling = new ExactEvmScheme(account, { rpc, sender }).cancel({ ...described, payer: payTo }, createTerms())
    await expect(canceling).rejects.toMatchObject({ code: 'INVALID_SIGNER' })
  })

  test('error: TERMS_REFUSED when the terms can not be signed', async () => {
    const canceling = new ExactEvmScheme(account, { rpc, sender }).cancel(described, createTerms({ payTo: asset }))
    await expect(canceling).rejects.toMatchObject({ code: 'TERMS_REFUSED', money: 'in-doubt' })
  })
})

import { type Hex, numberToHex, pad, toEventSelector } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { verifyEip3009Receipt } from '../../../../../schemes/evm/eip3009/receipt.js'
import { ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { hang, type RpcHandler, refuse, startRpc } from '../start-rpc.js'
import { createTokenNode, described, LAST, toLog, transaction } from './create-token-node.js'
import { createTerms } from './terms.js'

const { asset, payTo, payer, amount } = described
const other: Hex = `0x${'0b'.repeat(20)}`
const mined = LAST - 100
/** A block in which {@link mined} is final, and one in which it isn't. */
const [late, early] = [mined + 400, mined + 399]

const usedLog = toLog({ at: mined, by: 'AuthorizationUsed' })
type Moved = { token: string; from: Hex; to: string; value: bigint }
/** The token's event of the payment, with what a test changes. */
const transfer = (changes: Partial<Moved> = {}) => {
  const { token, from, to, value } = { token: asset, from: payer, to: payTo, value: amount, ...changes }
  const topics = [toEventSelector('Transfer(address,address,uint256)'), pad(from), pad(to as Hex)]
  return { ...usedLog, address: token.toLowerCase(), topics, data: numberToHex(value, { size: 32 }) }
}

/** The receipt of a payment as it was signed, with what a test changes. */
const receipt = (changes: object = {}) => ({
  transactionHash: transaction,
  status: '0x1',
  blockNumber: numberToHex(mined),
  logs: [usedLog, transfer()],
  ...changes,
})

/** A node that knows one transaction. */
function createNode(answer: unknown, latest = late): RpcHandler {
  return createTokenNode({
    latest,
    instead: ({ method }) => (method === 'eth_getTransactionReceipt' ? answer : undefined),
  })
}

/** What nodes that answer like this make of the transaction. */
async function verify(answers: readonly RpcHandler[], changes: object = {}, named: string = transaction) {
  const nodes = await Promise.all(answers.map(startRpc))
  const urls = nodes.map(({ url }) => url)
  return verifyEip3009Receipt(urls, 84_532, { ...described, ...changes }, named)
}

describe('verifyReceipt: says settled', () => {
  test('of the transfer that was signed, by the authorization that was signed', async () => {
    expect(await verify([createNode(receipt())])).toEqual({ verdict: 'settled', amount, final: true })
  })

  test('in a block that is not final yet, and says so', async () => {
    expect(await verify([createNode(receipt(), early)])).toEqual({ verdict: 'settled', amount, final: false })
  })

  test('of one payment among several in a transaction', async () => {
    const logs = [transfer({ to: other }), transfer({ value: 5n }), usedLog, transfer()]
    expect(await verify([createNode(receipt({ logs }))])).toMatchObject({ verdict: 'settled', amount })
  })

  test('whatever the case of addresses and hashes', async () => {
    const changes = { payer: payer.toLowerCase(), payTo: payTo.toLowerCase(), asset: asset.toLowerCase() }
    const named = `0x${transaction.slice(2).toUpperCase()}`
    expect(await verify([createNode(receipt())], changes, named)).toMatchObject({ verdict: 'settled' })
  })

  test('when all sources agree; final only where all call it so', async () => {
    const nodes = [createNode(receipt()), createNode(receipt(), early)]
    expect(await verify(nodes)).toEqual({ verdict: 'settled', amount, final: false })
  })
})

describe('verifyReceipt: says mismatch of a transaction that', () => {
  test.each<[what: string, changes: object, problems: string[]]>([
    ['failed', { status: '0x0', logs: [] }, ['the transaction failed']],
    [
      'is somebody else’s',
      { logs: [transfer({ from: other, to: other })] },
      [
        `the transaction has another payer than ${payer}`,
        `the transaction has another payTo than ${payTo}`,
        'the transaction did not use the authorization that was signed',
      ],
    ],
    [
      'somebody else paid the seller with',
      { logs: [transfer({ from: other })] },
      [
        `the transaction has another payer than ${payer}`,
        'the transaction did not use the authorization that was signed',
      ],
    ],
    [
      'paid somebody else',
      { logs: [usedLog, transfer({ to: other })] },
      [`the transaction has another payTo than ${payTo}`],
    ],
    [
      'moved money from the payer and to the payTo, but not from one to the other',
      { logs: [usedLog, transfer({ to: other }), transfer({ from: other })] },
      [`the transaction moves nothing from ${payer} to ${payTo}`],
    ],
    [
      'moved another token',
      { logs: [usedLog, transfer({ token: other })] },
      [`the transaction moves none of the asset ${asset}`],
    ],
    [
      'moved a thing that is one of a kind',
      { logs: [usedLog, { ...transfer(), topics: [...transfer().topics, pad('0x1')], data: '0x' }] },
      [`the transaction moves none of the asset ${asset}`],
    ],
    [
      'took more',
      { logs: [usedLog, transfer({ value: amount + 1n })] },
      ['the transaction takes more than the 10000 that were signed'],
    ],
    [
      'took less',
      { logs: [usedLog, transfer({ value: amount - 1n })] },
      ['the transaction takes less than the 10000 that were signed'],
    ],
    [
      'paid the same by another authorization',
      { logs: [{ ...usedLog, topics: [...usedLog.topics.slice(0, 2), pad('0x1')] }, transfer()] },
      ['the transaction did not use the authorization that was signed'],
    ],
    [
      'shows the use of the authorization by a contract that isn’t the token',
      { logs: [{ ...usedLog, address: other }, transfer()] },
      ['the transaction did not use the authorization that was signed'],
    ],
    [
      'canceled the authorization',
      { logs: [toLog({ at: mined, by: 'AuthorizationCanceled' }), transfer()] },
      ['the transaction canceled the authorization that was signed'],
    ],
  ])('%s', async (_what, changes, problems) => {
    expect(await verify([createNode(receipt(changes))])).toEqual({ verdict: 'mismatch', problems, final: true })
  })

  test('is the id of none, without asking', async () => {
    const node = await startRpc(createNode(receipt()))
    expect(await verifyEip3009Receipt([node.url], 84_532, described, '5VERv8NMvzbJMEkV')).toEqual({
      verdict: 'mismatch',
      problems: ['the transaction is no id of this chain'],
      final: true,
    })
    expect(node.calls).toEqual([])
  })
})

describe('verifyReceipt: says unknown, when', () => {
  const good = createNode(receipt())
  const failed = { verdict: 'unknown', because: 'a source could not be asked' }
  const disagreed = { verdict: 'unknown', because: 'the sources disagree about the transaction' }

  test.each<[what: string, answers: readonly RpcHandler[], verdict: object]>([
    ['nobody mined it', [createNode(null)], { verdict: 'unknown', because: 'the chain has no such transaction yet' }],
    ['one source has not seen it', [good, createNode(null)], { because: 'the chain has no such transaction yet' }],
    ['the node refuses', [createNode(refuse())], failed],
    ['the node is of another chain', [createTokenNode({ latest: late, chainId: 8453 })], failed],
    ['the node answers for another transaction', [createNode(receipt({ transactionHash: pad('0x1') }))], failed],
    ['the receipt has no block', [createNode(receipt({ blockNumber: null }))], failed],
    ['an event has no data', [createNode(receipt({ logs: [{ ...usedLog, data: undefined }] }))], failed],
    ['one of two sources fails', [good, createNode(refuse())], failed],
    ['the sources disagree', [good, createNode(receipt({ logs: [] }))], disagreed],
    [
      'they disagree on what is wrong',
      [receipt({ logs: [] }), receipt({ status: '0x0' })].map((one) => createNode(one)),
      disagreed,
    ],
    ['there is no source', [], { because: 'there is no source to ask' }],
  ])('%s', async (_what, answers, verdict) => {
    expect(await verify(answers)).toMatchObject({ verdict: 'unknown', ...verdict })
  })

  test('the node never answers', async () => {
    const { url } = await startRpc(createNode(hang()))
    expect(await verifyEip3009Receipt([url], 84_532, described, transaction, 100)).toEqual(failed)
  })

  test('the record is of another kind of payment', async () => {
    const verdict = { verdict: 'unknown', because: 'the payment is none by EIP-3009' }
    expect(await verify([good], { nonce: '12345' })).toEqual(verdict)
    expect(await verify([good], { payTo: 'nobody' })).toEqual(verdict)
  })
})

describe('ExactEvmScheme.verifyReceipt', () => {
  const account = privateKeyToAccount(pinned.evmPrivateKey)

  test('asks the sources of the network', async () => {
    const { url } = await startRpc(createNode(receipt()))
    const scheme = new ExactEvmScheme(account, { rpc: { 'eip155:84532': url } })
    expect(await scheme.verifyReceipt(described, createTerms(), transaction)).toMatchObject({ verdict: 'settled' })
  })

  test('knows nothing without one', async () => {
    const scheme = new ExactEvmScheme(account)
    expect(await scheme.verifyReceipt(described, createTerms(), transaction)).toEqual({
      verdict: 'unknown',
      because: '`rpc` has no source for eip155:84532',
    })
  })
})

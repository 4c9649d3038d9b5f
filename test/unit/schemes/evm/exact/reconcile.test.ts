import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { reconcileEip3009 } from '../../../../../schemes/evm/eip3009/reconciliation.js'
import { ExactEvmScheme } from '../../../../../schemes/evm/index.js'
import { pinned } from '../../../../support/vectors/read-vector.js'
import { act, hang, type RpcHandler, refuse, startRpc } from '../start-rpc.js'
import { createTokenNode, described, LAST, type TokenNode, toLog, transaction } from './create-token-node.js'
import { createTerms } from './terms.js'

/** What nodes that answer like this make of the authorization. */
async function reconcile(answers: readonly RpcHandler[], timeoutMs?: number) {
  const nodes = await Promise.all(answers.map(startRpc))
  const urls = nodes.map(({ url }) => url)
  return reconcileEip3009(urls, 84_532, described, timeoutMs)
}

const ask = (...nodes: TokenNode[]) => reconcile(nodes.map(createTokenNode))

const used = { at: LAST - 100, by: 'AuthorizationUsed' } as const
const canceled = { at: LAST - 100, by: 'AuthorizationCanceled' } as const
/** Enough blocks after the end for it to be final. */
const later = LAST + 500

describe('reconcile: says', () => {
  test('spent, with the transaction', async () => {
    expect(await ask({ latest: LAST - 50, used })).toEqual({ verdict: 'spent', transaction })
  })

  test('spent, with the transaction, a month later', async () => {
    expect(await ask({ latest: LAST + 1_300_000, used })).toEqual({ verdict: 'spent', transaction })
  })

  test('unspent, before its end', async () => {
    expect(await ask({ latest: LAST - 50 })).toEqual({ verdict: 'unspent' })
  })

  test('unspent, after its end but before a final block says so', async () => {
    expect(await ask({ latest: LAST + 300 })).toEqual({ verdict: 'unspent' })
  })

  test('unspent, when the final block is of the very second of its end', async () => {
    expect(await ask({ latest: later, final: { finalized: LAST - 1 } })).toEqual({ verdict: 'unspent' })
    expect(await ask({ latest: later, final: { finalized: LAST } })).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('unspent-and-dead, once a final block is later than its end', async () => {
    expect(await ask({ latest: later })).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('unspent-and-dead by a safe block, where none is called final', async () => {
    expect(await ask({ latest: later, final: { safe: LAST + 10 } })).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('unspent, where no block is called final or safe', async () => {
    expect(await ask({ latest: later, final: {} })).toEqual({ verdict: 'unspent' })
  })

  test('unspent-and-dead, when its cancellation is final', async () => {
    const verdict = { verdict: 'unspent-and-dead', transaction, canceled: true }
    expect(await ask({ latest: LAST + 301, used: canceled })).toEqual(verdict)
  })

  test('unspent-and-dead, and not that it is canceled, when its block is only safe', async () => {
    const verdict = { verdict: 'unspent-and-dead', transaction }
    const latest = LAST + 301
    expect(await ask({ latest, used: canceled, final: { safe: latest } })).toEqual(verdict)
  })

  test('unspent, with the transaction, while its cancellation is not final', async () => {
    expect(await ask({ latest: LAST - 50, used: canceled })).toEqual({ verdict: 'unspent', transaction })
  })
})

describe('reconcile: counts a used authorization as spent, when', () => {
  const instead = (answer: () => unknown) => ({
    latest: later,
    used: canceled,
    instead: ({ method }: { method: string }) => (method === 'eth_getLogs' ? answer() : undefined),
  })

  test.each<[what: string, answer: () => unknown]>([
    ['the node refuses to search events', () => refuse(-32_005)],
    ['the node finds none', () => []],
    ['the events are malformed', () => [{ ...toLog(canceled), blockNumber: 7 }]],
    ['the events are no list', () => ({})],
    ['the event was undone', () => [{ ...toLog(canceled), removed: true }]],
    ['the event is of another nonce', () => [{ ...toLog(canceled), topics: [] }]],
  ])('%s', async (_what, answer) => {
    expect(await ask(instead(answer))).toEqual({ verdict: 'spent' })
  })

  test('the events show a payment and a cancellation', async () => {
    const both = () => [toLog(canceled), toLog(used)]
    expect(await ask(instead(both))).toEqual({ verdict: 'spent', transaction })
  })
})

describe('reconcile: is not taken in by', () => {
  test('a node that is behind and answers for latest', async () => {
    let calls = 0
    const behind: TokenNode = {
      latest: later,
      used,
      instead: ({ method }) => (method === 'eth_call' && calls++ === 0 ? `0x${'0'.repeat(64)}` : undefined),
    }
    expect(await ask(behind)).toEqual({ verdict: 'spent', transaction })
  })

  test('a node that has dropped the state of the final block: it asks for a later one, by number', async () => {
    expect(await ask({ latest: later, statesSince: later - 127 })).toEqual({ verdict: 'unspent-and-dead' })
    const usedMeanwhile = { at: LAST - 1, by: 'AuthorizationUsed' } as const
    expect(await ask({ latest: later, statesSince: later - 127, used: usedMeanwhile })).toMatchObject({
      verdict: 'spent',
    })
  })

  test('a node whose newest block is older than its final one', async () => {
    expect(await ask({ latest: LAST - 9, final: { finalized: LAST + 9 } })).toEqual({ verdict: 'unknown' })
  })

  test('a node of another chain, where the same token has never seen the authorization', async () => {
    expect(await ask({ latest: later, chainId: 8453 })).toEqual({ verdict: 'unknown' })
  })
})

test.each<[what: string, answer: () => unknown]>([
  ['refuses', () => refuse()],
  ['fails', () => act((response) => response.writeHead(500).end())],
  ['hangs up', () => act((response) => response.destroy())],
  ['answers null', () => null],
  ['answers nothing of a contract', () => '0x'],
  ['answers a number', () => 0],
  ['answers a half word', () => '0x0'],
  ['answers neither yes nor no', () => `0x${'0'.repeat(63)}2`],
])('reconcile: knows nothing, when a node %s', async (_what, answer) => {
  const instead: TokenNode['instead'] = ({ method }) => (method === 'eth_call' ? (answer() ?? {}) : undefined)
  expect(await ask({ latest: later, instead })).toEqual({ verdict: 'unknown' })
  expect(await reconcile([answer])).toEqual({ verdict: 'unknown' })
})

test('reconcile: knows nothing, when a node never answers', async () => {
  const instead: TokenNode['instead'] = ({ method }) => (method === 'eth_call' ? hang() : undefined)
  expect(await reconcile([createTokenNode({ latest: later, instead })], 100)).toEqual({ verdict: 'unknown' })
})

test.each<[what: string, changes: object]>([
  ['a payer that is a name', { payer: 'buyer.eth' }],
  ['a short nonce', { nonce: '0x01' }],
  ['a nonce that is a number', { nonce: '7' }],
  ['no end', { validUntilSeconds: Number.NaN }],
  ['an asset that is no address', { asset: 'USDC' }],
])('reconcile: knows nothing of a record with %s, and asks nobody', async (_what, changes) => {
  const node = await startRpc(createTokenNode({ latest: later }))
  expect(await reconcileEip3009([node.url], 84_532, { ...described, ...changes })).toEqual({ verdict: 'unknown' })
  expect(node.calls).toEqual([])
})

describe('reconcile: of several sources', () => {
  const dead = { latest: later }
  const broken: TokenNode = { latest: later, instead: () => refuse() }

  test('one that says spent is believed', async () => {
    const alone = { latest: later, used }
    expect(await ask(dead, alone)).toEqual({ verdict: 'spent', transaction })
    expect(await ask(alone, broken)).toEqual({ verdict: 'spent', transaction })
  })

  test('all must say dead', async () => {
    expect(await ask(dead, dead)).toEqual({ verdict: 'unspent-and-dead' })
    expect(await ask(dead, broken)).toEqual({ verdict: 'unknown' })
    expect(await ask(dead, { latest: LAST + 100 })).toEqual({ verdict: 'unknown' })
  })

  test('all must answer', async () => {
    const early = { latest: LAST - 50 }
    expect(await ask(early, early)).toEqual({ verdict: 'unspent' })
    expect(await ask(early, broken)).toEqual({ verdict: 'unknown' })
  })

  test('any may name the transaction', async () => {
    const silent: TokenNode = {
      ...dead,
      used,
      instead: ({ method }) => (method === 'eth_getLogs' ? refuse() : undefined),
    }
    expect(await ask(silent, { ...dead, used })).toEqual({ verdict: 'spent', transaction })
  })
})

describe('ExactEvmScheme: reconciles', () => {
  const signer = privateKeyToAccount(pinned.evmPrivateKey)

  test('where it has a source', async () => {
    const node = await startRpc(createTokenNode({ latest: later }))
    const scheme = new ExactEvmScheme(signer, { rpc: { 'eip155:84532': node.url } })
    expect(await scheme.reconcile(described, createTerms())).toEqual({ verdict: 'unspent-and-dead' })
  })

  test('nothing elsewhere', async () => {
    const scheme = new ExactEvmScheme(signer)
    expect(await scheme.reconcile(described, createTerms())).toEqual({ verdict: 'unknown' })
    expect(await scheme.reconcile(described, createTerms({ network: 'solana:x' }))).toEqual({ verdict: 'unknown' })
  })
})

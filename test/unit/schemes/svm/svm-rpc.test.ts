import { createSolanaRpc } from '@solana/kit'
import { describe, expect, test } from 'vitest'
import { createSvmCluster } from '../../../../schemes/svm/cluster/cluster.js'
import { createSvmRpc } from '../../../../schemes/svm/cluster/rpc.js'
import type { SvmRpcClient } from '../../../../schemes/svm/index.js'
import { hang, startRpc } from '../evm/start-rpc.js'

const GENESIS = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG'
const CLUSTER = GENESIS.slice(0, 32)

describe('createSvmRpc', () => {
  test('createSvmRpc: waits no longer than it is told, over HTTP and through @solana/kit', async () => {
    const { url } = await startRpc(hang)
    for (const source of [url, createSolanaRpc(url)]) {
      const asked = createSvmRpc(source, 50)('getGenesisHash', [])
      await expect(asked).rejects.toMatchObject({ code: 'RPC_FAILED', money: 'untouched' })
    }
  })

  test('createSvmRpc: waits no longer for a client that listens to no signal, and names a client that lacks a method', async () => {
    const deaf = { getGenesisHash: () => ({ send: () => new Promise(() => undefined) }) } as object as SvmRpcClient
    await expect(createSvmRpc(deaf, 50)('getGenesisHash', [])).rejects.toMatchObject({
      facts: { reason: 'TimeoutError' },
    })
    await expect(createSvmRpc(deaf, 50)('getEpochInfo', [])).rejects.toMatchObject({ code: 'RPC_FAILED' })
  })

  test('createSvmRpc: asks as JSON-RPC 2.0 says', async () => {
    const node = await startRpc(() => 'answer')
    expect(await createSvmRpc(node.url)('getBlock', [7, { rewards: false }])).toBe('answer')
    expect(node.calls).toMatchObject([{ method: 'getBlock', params: [7, { rewards: false }] }])
  })
})

describe('createSvmCluster', () => {
  /** A node that is right about its cluster and answers everything else with one value. */
  const ask = (answer: unknown) =>
    createSvmCluster(async (method) => (method === 'getGenesisHash' ? GENESIS : answer), CLUSTER)
  const [signature] = ['5'.repeat(87)]

  test.each<[what: string, answer: unknown]>([
    ['null', null],
    ['a text', 'yes'],
    ['an empty object', {}],
    ['an empty list', []],
    ['a list of null', [null]],
    ['numbers that are none', { absoluteSlot: -1, blockHeight: '5', context: { slot: 1.5 }, value: [{ owner: 1 }] }],
    ['a hash that is none', { context: { slot: 1 }, value: { blockhash: 'latest', lastValidBlockHeight: 5 } }],
    ['an account in another encoding', { value: [{ owner: GENESIS, data: ['', 'base58'] }] }],
    ['signatures that are none', { transaction: { signatures: ['mine'] }, meta: { err: null } }],
  ])('createSvmCluster: throws for %s, whatever was asked', async (_what, answer) => {
    const cluster = ask(answer)
    const page = { limit: 1, before: undefined, commitment: 'finalized', minContextSlot: 0n } as const
    const asked: Promise<unknown>[] = [
      cluster.readAccounts([GENESIS]),
      cluster.readLatestBlockhash(),
      cluster.readHead('finalized'),
      cluster.readFirstAvailableSlot(),
      cluster.readBlockHeight(7n),
      ...(Array.isArray(answer) && answer.length === 0 ? [] : [cluster.readSignatures(GENESIS, page)]),
      ...(answer === null ? [] : [cluster.readTransaction(signature, 'finalized')]),
    ]
    for (const one of asked) await expect(one).rejects.toMatchObject({ code: 'RPC_ANSWER_MALFORMED' })
  })

  test('createSvmCluster: asks for the cluster again where it could not be told', async () => {
    let asked = 0
    const cluster = createSvmCluster(
      async (method) => (method === 'getGenesisHash' && asked++ > 0 ? GENESIS : 5),
      CLUSTER,
    )
    await expect(cluster.readFirstAvailableSlot()).rejects.toMatchObject({ code: 'RPC_WRONG_CHAIN' })
    expect(await cluster.readFirstAvailableSlot()).toBe(5n)
    expect(await cluster.readFirstAvailableSlot()).toBe(5n)
    expect(asked).toBe(2)
  })
})

import { describe, expect, test } from 'vitest'
import { createSvmCluster } from '../../../../../schemes/svm/cluster/cluster.js'
import { reconcileTransfer } from '../../../../../schemes/svm/exact/reconciliation.js'
import { writeTransferNonce } from '../../../../../schemes/svm/exact/transfer-nonce.js'
import { encodeBase58 } from '../../../../../schemes/svm/wire/encoding.js'
import { PAYER } from './terms.js'

const GENESIS = 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG'
const signatureOf = (byte: number) => encodeBase58(new Uint8Array(64).fill(byte))
const [WANTED, OTHER] = [signatureOf(1), signatureOf(2)]

const described = {
  payer: PAYER,
  payTo: PAYER,
  asset: PAYER,
  amount: 1n,
  validUntilSeconds: 1_700_000_090,
  nonce: writeTransferNonce({ signature: WANTED, life: { fromSlot: 5n, lastValidBlockHeight: 155n } }),
}

/** What a source says of the payer's transactions. */
type Source = {
  /** How many it lists on its first page, and on each later one. */
  readonly first: number
  readonly later: number
  /** What it shows of any of them. */
  readonly shown: unknown
}

/** What one source makes of the transaction, and how often it was asked for another one. */
async function reconcile({ first, later, shown }: Source, blockHeight = 20) {
  const asked: string[] = []
  const cluster = createSvmCluster(
    async (method, parameters) => {
      asked.push(method)
      if (method === 'getGenesisHash') return GENESIS
      if (method === 'getEpochInfo') return { absoluteSlot: 20, blockHeight }
      if (method === 'getFirstAvailableBlock') return 0
      if (method === 'getBlock') return { blockHeight: 20 }
      if (method === 'getTransaction') return shown
      const isFirst = Reflect.get(new Object(parameters[1]), 'before') === undefined
      return Array.from({ length: isFirst ? first : later }, () => ({ signature: OTHER, slot: 10 }))
    },
    GENESIS.slice(0, 32),
  )
  const verdict = await reconcileTransfer([cluster], described)
  return { verdict, lookups: asked.filter((method) => method === 'getTransaction').length }
}

const other = { transaction: { signatures: [OTHER] }, meta: { err: null } }

describe('reconcile', () => {
  test('reconcile: says unspent, then dead, when the source shows all of them and none is it', async () => {
    expect((await reconcile({ first: 3, later: 0, shown: other })).verdict).toEqual({ verdict: 'unspent' })
    expect((await reconcile({ first: 3, later: 0, shown: other }, 156)).verdict).toEqual({
      verdict: 'unspent-and-dead',
    })
  })

  test.each<[what: string, source: Source]>([
    ['lists pages without end', { first: 1, later: 1, shown: other }],
    ['lists more than are looked into', { first: 1_001, later: 0, shown: other }],
    ['lists a transaction that it doesn’t show', { first: 3, later: 0, shown: null }],
  ])(
    'reconcile: says unknown when a source %s, whether the transaction can still live or not',
    async (_what, source) => {
      for (const blockHeight of [20, 156]) {
        const { verdict, lookups } = await reconcile(source, blockHeight)
        expect(verdict).toEqual({ verdict: 'unknown' })
        expect(lookups).toBeLessThan(10)
      }
    },
  )
})

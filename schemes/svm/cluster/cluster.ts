import { fail } from '../../../src/errors/fail.js'
import type { X402Error } from '../../../src/errors/x402-error.js'
import { isJsonObject, type JsonObject } from '../../../src/wire/json.js'
import type { Network } from '../../../src/wire/network.js'
import type { Address } from '../address.js'
import { createBoundedMap } from '../bounded-map.js'
import { RPC_ANSWER_MALFORMED, RPC_MISSING, RPC_WRONG_CHAIN } from '../errors.js'
import type { SourcesOf, SvmMethod } from '../rpc-sources.js'
import { decodeBase58, decodeBase64 } from '../wire/encoding.js'
import { readCluster } from './clusters.js'
import { createSvmRpc, type SvmRpc } from './rpc.js'

/** How settled an answer must be. Source: Solana documentation, "RPC", "Commitment". */
export type Commitment = 'confirmed' | 'finalized'

/** An account, as far as it is asked for. */
export type SvmAccount = { readonly owner: Address; readonly data: Uint8Array }

/** A blockhash, until when it is taken, and a slot that was reached when it was told. */
export type LatestBlockhash = {
  readonly blockhash: string
  /** The height of the last block that may hold a transaction with it. */
  readonly lastValidBlockHeight: bigint
  readonly slot: bigint
}

/** A transaction that mentions an address. */
export type SignatureEntry = { readonly signature: string; readonly slot: bigint }

/** What became of a transaction. */
export type SvmTransactionStatus = { readonly signatures: readonly string[]; readonly isSuccess: boolean }

/** One source's view of one cluster. Every member throws when the answer isn't what the cluster's interface says it is. */
export type SvmCluster = {
  /** In the order of the addresses; `undefined` where there is no account. */
  readAccounts(addresses: readonly Address[]): Promise<readonly (SvmAccount | undefined)[]>
  readLatestBlockhash(): Promise<LatestBlockhash>
  readHead(commitment: Commitment): Promise<{ slot: bigint; blockHeight: bigint }>
  /** The oldest slot whose transactions the source still has. */
  readFirstAvailableSlot(): Promise<bigint>
  readBlockHeight(slot: bigint): Promise<bigint>
  /** Newest first, older than `before`; no source answers from a view that is older than `minContextSlot`. */
  readSignatures(
    address: Address,
    page: { limit: number; before: string | undefined; commitment: Commitment; minContextSlot: bigint },
  ): Promise<readonly SignatureEntry[]>
  /** `undefined` when the source doesn't have it. */
  readTransaction(signature: string, commitment: Commitment): Promise<SvmTransactionStatus | undefined>
}

/** Most bytes of an account that is read: a mint with every extension and a long name has some 2 kB. */
const MAX_ACCOUNT_BYTES = 64 * 1024

/**
 * Creates the view that one source gives of a cluster. A source that answers for another cluster fails every question: a blockhash of
 * another makes a dead transaction, and no payment was ever made there.
 *
 * @param cluster - The first 32 characters of the genesis hash.
 */
export function createSvmCluster(rpc: SvmRpc, cluster: string): SvmCluster {
  let clusterIsRight: Promise<void> | undefined
  const ask = async (method: SvmMethod, ...parameters: readonly unknown[]): Promise<unknown> => {
    clusterIsRight ??= assertCluster(rpc, cluster).catch((error: unknown) => {
      clusterIsRight = undefined
      throw error
    })
    const [answer] = await Promise.all([rpc(method, parameters), clusterIsRight])
    return answer
  }
  return {
    async readAccounts(addresses) {
      const answer = await ask('getMultipleAccounts', addresses, { encoding: 'base64', commitment: 'confirmed' })
      const { value } = readObject(answer)
      if (!Array.isArray(value) || value.length !== addresses.length) throw malformedAnswer()
      return value.map((account: unknown) => (account === null ? undefined : readAccount(account)))
    },
    async readLatestBlockhash() {
      const { context, value } = readObject(await ask('getLatestBlockhash', { commitment: 'confirmed' }))
      const { blockhash, lastValidBlockHeight } = readObject(value)
      if (!isBase58(blockhash, 32)) throw malformedAnswer()
      const slot = readInteger(readObject(context)['slot'])
      return { blockhash, lastValidBlockHeight: readInteger(lastValidBlockHeight), slot }
    },
    async readHead(commitment) {
      const { absoluteSlot, blockHeight } = readObject(await ask('getEpochInfo', { commitment }))
      return { slot: readInteger(absoluteSlot), blockHeight: readInteger(blockHeight) }
    },
    async readFirstAvailableSlot() {
      return readInteger(await ask('getFirstAvailableBlock'))
    },
    async readBlockHeight(slot) {
      const config = { transactionDetails: 'none', rewards: false, maxSupportedTransactionVersion: 0 }
      return readInteger(readObject(await ask('getBlock', toWireNumber(slot), config))['blockHeight'])
    },
    async readSignatures(address, { limit, before, commitment, minContextSlot }) {
      const page = { limit, commitment, minContextSlot: toWireNumber(minContextSlot), ...(before && { before }) }
      const answer = await ask('getSignaturesForAddress', address, page)
      if (!Array.isArray(answer)) throw malformedAnswer()
      return answer.map((entry: unknown) => {
        const { signature, slot } = readObject(entry)
        if (!isBase58(signature, 64)) throw malformedAnswer()
        return { signature, slot: readInteger(slot) }
      })
    },
    async readTransaction(signature, commitment) {
      const config = { commitment, encoding: 'json', maxSupportedTransactionVersion: 0 }
      const answer = await ask('getTransaction', signature, config)
      if (answer === null) return undefined
      const { transaction, meta } = readObject(answer)
      const { signatures } = readObject(transaction)
      if (!Array.isArray(signatures) || !signatures.every((one) => isBase58(one, 64))) throw malformedAnswer()
      return { signatures, isSuccess: readObject(meta)['err'] === null }
    },
  }
}

/** The error of an answer that isn't what the cluster's interface says it is. */
function malformedAnswer(): X402Error {
  return fail(RPC_ANSWER_MALFORMED)
}

async function assertCluster(rpc: SvmRpc, cluster: string): Promise<void> {
  const answered = await rpc('getGenesisHash', [])
  if (isBase58(answered, 32) && answered.startsWith(cluster)) return
  const facts = { wanted: cluster, answered: String(answered).slice(0, cluster.length) }
  throw fail(RPC_WRONG_CHAIN, { facts })
}

function readAccount(answer: unknown): SvmAccount {
  const { owner, data } = readObject(answer)
  const bytes = Array.isArray(data) && data[1] === 'base64' ? decodeBase64(data[0], MAX_ACCOUNT_BYTES) : undefined
  if (!isBase58(owner, 32) || bytes === undefined) throw malformedAnswer()
  return { owner, data: bytes }
}

function readObject(answer: unknown): JsonObject {
  if (isJsonObject(answer)) return answer
  throw malformedAnswer()
}

/** Slots and heights; @solana/kit reads them as bigints. */
function readInteger(value: unknown): bigint {
  if (typeof value === 'bigint' && value >= 0n) return value
  if (Number.isSafeInteger(value) && Number(value) >= 0) return BigInt(Number(value))
  throw malformedAnswer()
}

/** JSON has no bigint; a slot is far below 2^53. */
function toWireNumber(value: bigint): number {
  return Number(value)
}

function isBase58(value: unknown, bytes: number): value is string {
  return decodeBase58(value, bytes) !== undefined
}

/**
 * The answer of the first source that gives one, in their order.
 *
 * @throws What the last source threw, or `RPC_MISSING` when there is none.
 */
export async function askFirst<Answer>(
  clusters: readonly SvmCluster[],
  ask: (cluster: SvmCluster) => Promise<Answer>,
): Promise<Answer> {
  const [first, ...others] = clusters
  if (first === undefined) throw fail(RPC_MISSING)
  try {
    return await ask(first)
  } catch (error) {
    if (others.length === 0) throw error
    return askFirst(others, ask)
  }
}

/** The views of a network's sources, in their order; none where nobody can be asked. */
export type ClustersOf = (network: Network) => readonly SvmCluster[]

/** Creates the views of every network, each when it is first asked for; from then on its source is known to be the right one. */
export function createClusters(sourcesOf: SourcesOf): ClustersOf {
  const clusters = createBoundedMap<readonly SvmCluster[]>()
  return (network) => {
    const known = clusters.get(network)
    if (known !== undefined) return known
    const cluster = readCluster(network)
    const views =
      cluster === undefined ? [] : sourcesOf(network).map((source) => createSvmCluster(createSvmRpc(source), cluster))
    clusters.set(network, views)
    return views
  }
}

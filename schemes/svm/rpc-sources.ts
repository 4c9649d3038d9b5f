import { fail } from '../../src/errors/fail.js'
import { invalidOption } from '../../src/errors/options.js'
import { isJsonObject } from '../../src/wire/json.js'
import type { Network } from '../../src/wire/network.js'
import { readSources } from '../json-rpc/sources.js'
import { publicRpcOf, readCluster } from './cluster/clusters.js'
import { NOT_A_CLUSTER } from './errors.js'

/** All that a cluster is ever asked. Nothing here moves money. */
export type SvmMethod =
  | 'getBlock'
  | 'getEpochInfo'
  | 'getFirstAvailableBlock'
  | 'getGenesisHash'
  | 'getLatestBlockhash'
  | 'getMultipleAccounts'
  | 'getSignaturesForAddress'
  | 'getTransaction'

/** An RPC of @solana/kit, such as `createSolanaRpc` makes, or an object of your own with the same methods. */
export type SvmRpcClient = {
  readonly [Method in SvmMethod]: (...parameters: never) => { send(options?: never): Promise<unknown> }
}

/** Where a cluster is asked: the address of its JSON-RPC over http(s), or an {@link SvmRpcClient}. */
export type RpcSource = string | SvmRpcClient

/** Whom to ask about each cluster: the next one when one fails. Where several are given, `reconcile` needs all of them to agree. */
export type RpcSources = {
  readonly [network: `solana:${string}`]: RpcSource | readonly RpcSource[] | undefined
}

/** Whom to ask about a network; nobody where the list is empty. */
export type SourcesOf = (network: Network) => readonly RpcSource[]

/**
 * Reads the option `rpc`, so that a wrong source fails where it was written and not when a payment needs it.
 *
 * @param rpc - Without it, each cluster's public endpoint is asked, as `@x402/svm` does; with it, nobody but whom it names.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`. The message never holds a source or an unknown key, since
 *   addresses of JSON-RPC hold API keys.
 */
export function readRpcSources(rpc: unknown): SourcesOf {
  if (rpc === undefined) return toPublic
  if (!isJsonObject(rpc)) throw invalidOption('rpc', 'an object')
  const given = Object.entries(rpc).filter(([, sources]) => sources !== undefined)
  const byNetwork = new Map(given.map(([network, sources]) => [network, readOwn(network, sources)]))
  return (network) => byNetwork.get(network) ?? []
}

/**
 * Reads `rpcUrl`, which is asked about every cluster.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION`, never holding the address.
 */
export function readRpcUrl(rpcUrl: unknown): SourcesOf {
  const sources = readSources<SvmRpcClient>('solana:*', rpcUrl, OF_KIT)
  return (network) => (readCluster(network) === undefined ? [] : sources)
}

function toPublic(network: Network): readonly RpcSource[] {
  const url = publicRpcOf(network)
  return url === undefined ? [] : [url]
}

const OF_KIT = { method: 'getLatestBlockhash', words: 'an RPC of @solana/kit' }

function readOwn(network: string, given: unknown): readonly RpcSource[] {
  if (readCluster(network) === undefined) throw fail(NOT_A_CLUSTER)
  return readSources<SvmRpcClient>(network, given, OF_KIT)
}

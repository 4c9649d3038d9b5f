import { fail } from '../../../src/errors/fail.js'
import { invalidOption } from '../../../src/errors/options.js'
import { isJsonObject } from '../../../src/wire/json.js'
import { readSources } from '../../json-rpc/sources.js'
import { readChainId } from '../chain-id.js'
import { NOT_AN_EVM_NETWORK } from '../errors.js'
import type { Hex } from '../hex.js'

/** A block, by its number in hex or by how settled it is. Source: Ethereum execution-apis, "BlockNumberOrTag". */
export type BlockTag = Hex | 'latest' | 'safe' | 'finalized'

/** All that a chain is ever asked. Nothing here moves money. */
export type EvmRequest =
  | { method: 'eth_chainId'; params?: never }
  | { method: 'eth_call'; params: [call: { to: Hex; data: Hex }, block: BlockTag] }
  | { method: 'eth_getBlockByNumber'; params: [block: BlockTag, withTransactions: false] }
  | { method: 'eth_getLogs'; params: [filter: { address: Hex; topics: (Hex | Hex[])[]; fromBlock: Hex; toBlock: Hex }] }
  | { method: 'eth_getTransactionReceipt'; params: [transaction: Hex] }
  | { method: 'eth_getTransactionByHash'; params: [transaction: Hex] }
  | { method: 'eth_getTransactionCount'; params: [account: Hex, block: 'pending'] }
  | { method: 'eth_maxPriorityFeePerGas'; params?: never }

/** Anything that answers as EIP-1193 says: a viem `PublicClient`, a wallet in a browser, an object of your own. */
export type EvmProvider = { request(request: EvmRequest): Promise<unknown> }

/** Where a chain is asked: the address of its JSON-RPC over http(s), or an {@link EvmProvider}. */
export type RpcSource = string | EvmProvider

/**
 * Whom to ask about each network; where several are given for one, `reconcile` needs all of them to agree. `eip155:*` is asked about
 * networks that aren't named; a source that answers for another chain counts as one that failed.
 */
export type RpcSources = {
  readonly [network in `eip155:${number}` | 'eip155:*']?: RpcSource | readonly RpcSource[] | undefined
}

/** The sources of each network, read. */
export type RpcBook = {
  get(network: string): readonly RpcSource[] | undefined
  has(network: string): boolean
  /** Whether no one can be asked about any network. */
  readonly isEmpty: boolean
}

/**
 * Reads the option `rpc`, so that a wrong source fails where it was written and not when money is in doubt.
 *
 * @returns The sources of each network, copied.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`. The message never holds a source or an unknown key, since
 *   addresses of JSON-RPC hold API keys.
 */
export function readRpcSources(rpc: unknown = {}): RpcBook {
  if (!isJsonObject(rpc)) throw invalidOption('rpc', 'an object')
  const given = Object.entries(rpc).filter(([, sources]) => sources !== undefined)
  const byNetwork = new Map(given.map(([network, sources]) => [network, readOwn(network, sources)]))
  const get = (network: string) =>
    byNetwork.get(network) ?? (readChainId(network) === undefined ? undefined : byNetwork.get(ANY_NETWORK))
  return { get, has: (network) => get(network) !== undefined, isEmpty: byNetwork.size === 0 }
}

const ANY_NETWORK = 'eip155:*'

const PROVIDER = { method: 'request', words: 'an object with `request`' }

function readOwn(network: string, given: unknown): readonly RpcSource[] {
  if (network !== ANY_NETWORK && readChainId(network) === undefined) throw fail(NOT_AN_EVM_NETWORK)
  return readSources<EvmProvider>(network, given, PROVIDER)
}

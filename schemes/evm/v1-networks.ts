import { invalidOption } from '../../src/errors/options.js'
import { listV1Names, readV1Network } from '../../src/wire/v1-networks.js'
import { readChainId } from './chain-id.js'

/** An EVM network by its name in protocol 1, such as `base-sepolia`. */
export type EvmNetworkV1 = string

/** The names that protocol 1 has for EVM networks, for `registerV1`. Source: `@x402/evm/v1` 2.27. */
export const NETWORKS: readonly EvmNetworkV1[] = /* @__PURE__ */ listV1Names('eip155')

/** The chain id of each of {@link NETWORKS}. */
export const EVM_NETWORK_CHAIN_ID_MAP: Readonly<Record<EvmNetworkV1, number>> = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ NETWORKS.map((name) => [name, getEvmChainIdV1(name)]),
)

/**
 * Reads the chain id of a network by its name in protocol 1.
 *
 * @example
 * ```ts
 * getEvmChainIdV1('base-sepolia') //=> 84532
 * ```
 *
 * @param network - One of {@link NETWORKS}.
 * @returns The chain id.
 * @throws {@link ConfigurationError} `INVALID_OPTION` for any other name.
 */
export function getEvmChainIdV1(network: EvmNetworkV1): number {
  const chainId = readChainId(readV1Network(network))
  if (chainId === undefined) throw invalidOption('network', 'a network name of protocol 1, such as "base-sepolia"')
  return chainId
}

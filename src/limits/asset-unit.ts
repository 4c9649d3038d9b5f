import { invalidOption } from '../assert-options.js'
import type { Unit } from '../flow/ports.js'
import { toAddressKey } from '../wire/address.js'
import type { JsonObject } from '../wire/json.js'
import { isNetwork, type Network } from '../wire/network.js'

/** The unit in which atomic units of an asset are counted. */
export function toAssetUnit(network: Network, asset: string): Unit {
  return `${network}/${toAddressKey(asset)}`
}

/**
 * Reads which asset a part of the options names.
 *
 * @param fields - Untrusted: `network` and `asset`.
 * @param where - What the part is called in the options.
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readAssetUnit({ network, asset }: JsonObject, where: string): Unit {
  if (!isNetwork(network)) throw invalidOption(`${where}.network`, 'a CAIP-2 network id')
  if (typeof asset !== 'string' || asset === '') throw invalidOption(`${where}.asset`, "a token's address")
  return toAssetUnit(network, asset)
}

import { isAmount } from '../../src/wire/amount.js'
import { type Decoded, isJsonObject, type JsonObject } from '../../src/wire/json.js'
import { isPositiveInteger, type PaymentRequirements, withoutNulls } from '../../src/wire/requirements.js'
import { readAddress } from './address.js'
import type { AssetLookup } from './assets/asset-lookup.js'
import type { KnownAsset } from './assets/known-assets.js'
import { readChainId } from './chain-id.js'
import type { Hex } from './hex.js'

/** What every way to pay on EVM chains reads of an offer. */
export type Transfer = Readonly<Pick<PaymentRequirements, 'amount' | 'maxTimeoutSeconds'>> & {
  readonly chainId: number
  /** Canonical spelling, like {@link Transfer.payTo}. */
  readonly asset: Hex
  readonly payTo: Hex
  /** The seller's; nothing in it is trusted. */
  readonly extra: JsonObject
  /** What is known of the token. */
  readonly known: KnownAsset | undefined
}

/**
 * Reads what an offer moves, and between whom.
 *
 * @param requirements - The seller's; nothing in it is trusted.
 * @param scheme - The only one that is taken.
 * @param payer - The buyer's account, which never pays itself.
 * @param findAsset - The tokens that are known; a seller can't give those other decimals.
 * @returns The transfer, or why it can't be signed.
 */
export function readTransfer(
  requirements: PaymentRequirements,
  scheme: string,
  payer: Hex,
  findAsset: AssetLookup,
): Decoded<Transfer> {
  const { network, amount, maxTimeoutSeconds } = requirements
  const given = withoutNulls(requirements.extra)
  const extra = isJsonObject(given) ? given : {}
  if (requirements.scheme !== scheme) return { problem: `its scheme is not ${scheme}` }
  const chainId = readChainId(network)
  if (chainId === undefined) return { problem: 'network is not eip155 with a chain id' }
  const asset = readAddress(requirements.asset)
  if ('problem' in asset) return { problem: `asset ${asset.problem}` }
  const payTo = readPayTo(requirements.payTo, asset.value, payer)
  if ('problem' in payTo) return payTo
  if (!isAmount(amount)) return { problem: 'amount is not a positive integer below 2^256' }
  if (!isPositiveInteger(maxTimeoutSeconds)) return { problem: 'maxTimeoutSeconds is not a positive integer' }
  const { paymentFlow, decimals } = extra
  // Which of them is paid is the client's to say; in either the same is signed.
  if (paymentFlow !== undefined && paymentFlow !== 'authorization' && paymentFlow !== 'upfront') {
    return { problem: 'extra.paymentFlow is neither authorization nor upfront' }
  }
  const known = findAsset(chainId, asset.value)
  if (known !== undefined && decimals !== undefined && decimals !== known.decimals) {
    return { problem: `extra.decimals of this asset is ${known.decimals}, not what it says` }
  }
  return { value: { chainId, asset: asset.value, payTo: payTo.value, amount, maxTimeoutSeconds, extra, known } }
}

function readPayTo(value: unknown, asset: Hex, payer: Hex): Decoded<Hex> {
  const payTo = readAddress(value)
  if ('problem' in payTo) return { problem: `payTo ${payTo.problem}` }
  if (payTo.value === asset) return { problem: 'payTo is the token itself, where money is lost' }
  if (payTo.value === payer) return { problem: 'payTo is the buyer' }
  return payTo
}

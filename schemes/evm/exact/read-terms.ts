import { type Amount, isAmount } from '../../../src/protocol/amount.js'
import { type Decoded, isJsonObject, type JsonObject } from '../../../src/protocol/json.js'
import { isPositiveInteger, type PaymentRequirements } from '../../../src/protocol/requirements.js'
import type { AssetBook } from '../create-asset-book.js'
import type { Hex } from '../hex.js'
import { isDomainText, MAX_DOMAIN_TEXT } from '../is-domain-text.js'
import type { KnownAsset } from '../known-assets.js'
import { readAddress } from '../read-address.js'
import { readChainId } from '../read-chain-id.js'

/** Terms that may be signed as they are: every field was checked, and what the seller left out is filled in. */
export type Terms = {
  readonly chainId: number
  /** The token's EIP-712 domain. */
  readonly name: string
  readonly version: string
  /** Canonical spelling, like {@link Terms.payTo}. */
  readonly asset: Hex
  readonly payTo: Hex
  readonly amount: Amount
  readonly maxTimeoutSeconds: number
}

/**
 * Reads requirements as terms of a transfer by EIP-3009. The one judgement, whether it is asked before anything is reserved or
 * while signing: the official client signs without asking first.
 *
 * @param requirements - The seller's; nothing in it is trusted.
 * @param payer - The buyer's account, which never pays itself.
 * @param book - The tokens whose domain is known; a seller can't rename those.
 * @returns The terms, or why they can't be signed.
 */
export function readTerms(requirements: PaymentRequirements, payer: Hex, book: AssetBook): Decoded<Terms> {
  const { scheme, network, amount, maxTimeoutSeconds } = requirements
  const extra = isJsonObject(requirements.extra) ? requirements.extra : {}
  if (scheme !== 'exact') return { problem: 'its scheme is not exact' }
  const chainId = readChainId(network)
  if (chainId === undefined) return { problem: 'network is not eip155 with a chain id' }
  const asset = readAddress(requirements.asset)
  if ('problem' in asset) return { problem: `asset ${asset.problem}` }
  const payTo = readPayee(requirements.payTo, asset.value, payer)
  if ('problem' in payTo) return payTo
  if (!isAmount(amount)) return { problem: 'amount is not a positive integer below 2^256' }
  if (!isPositiveInteger(maxTimeoutSeconds)) return { problem: 'maxTimeoutSeconds is not a positive integer' }
  const known = book(chainId, asset.value)
  const refusal = refuseTransferMethod(extra, known)
  if (refusal !== undefined) return { problem: refusal }
  const name = readDomainText('name', extra, known)
  if ('problem' in name) return name
  const version = readDomainText('version', extra, known)
  if ('problem' in version) return version
  return {
    value: {
      chainId,
      name: name.value,
      version: version.value,
      asset: asset.value,
      payTo: payTo.value,
      amount,
      maxTimeoutSeconds,
    },
  }
}

function readPayee(value: unknown, asset: Hex, payer: Hex): Decoded<Hex> {
  const payTo = readAddress(value)
  if ('problem' in payTo) return { problem: `payTo ${payTo.problem}` }
  if (payTo.value === asset) return { problem: 'payTo is the token itself, where money is lost' }
  if (payTo.value === payer) return { problem: 'payTo is the buyer' }
  return payTo
}

function refuseTransferMethod(extra: JsonObject, known: KnownAsset | undefined): string | undefined {
  const { assetTransferMethod, paymentFlow } = extra
  if (assetTransferMethod === 'permit2') return 'permit2 is not supported by this scheme object'
  if (assetTransferMethod !== undefined && assetTransferMethod !== 'eip3009') {
    return 'extra.assetTransferMethod is neither eip3009 nor permit2'
  }
  if (paymentFlow !== undefined && paymentFlow !== 'authorization') return 'extra.paymentFlow is not authorization'
  if (known?.assetTransferMethod === 'permit2') return 'its asset has no EIP-3009 and needs permit2'
  return undefined
}

/** A wrong name or version makes a signature that no contract accepts, so a known token's own is the only one taken. */
function readDomainText(field: 'name' | 'version', extra: JsonObject, known: KnownAsset | undefined): Decoded<string> {
  const said = extra[field]
  const right = known?.[field]
  if (said === undefined) {
    return right === undefined
      ? { problem: `extra.${field} is missing and its asset is not a known one` }
      : { value: right }
  }
  if (!isDomainText(said)) {
    return { problem: `extra.${field} is not a text of 1 to ${MAX_DOMAIN_TEXT} printable characters` }
  }
  if (right !== undefined && said !== right)
    return { problem: `extra.${field} of this asset is "${right}", not what it says` }
  return { value: said }
}

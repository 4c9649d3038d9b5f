import { type Decoded, freezeParsed, type JsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import type { AssetLookup } from '../assets/asset-lookup.js'
import { readDomainText } from '../assets/domain-text.js'
import type { KnownAsset } from '../assets/known-assets.js'
import type { Hex } from '../hex.js'
import { readTransfer, type Transfer } from '../transfer.js'
import type { TypedDataDomain } from '../wallet/typed-data.js'

/** Terms that may be signed as they are: every field was checked, and what the seller left out is filled in. */
export type Eip3009Terms = Omit<Transfer, 'extra' | 'known'> & {
  /** The token's EIP-712 domain, frozen: the same for every payment on these terms. */
  readonly domain: TypedDataDomain
}

/**
 * Reads requirements as terms of a transfer by EIP-3009. The one judgement, whether it is asked before anything is reserved or
 * while signing: the official client signs without asking first.
 *
 * @param requirements - The seller's; nothing in it is trusted.
 * @param payer - The buyer's account, which never pays itself.
 * @param findAsset - The tokens whose domain is known; a seller can't rename those.
 * @returns The terms, or why they can't be signed.
 */
export function readEip3009Terms(
  requirements: PaymentRequirements,
  payer: Hex,
  findAsset: AssetLookup,
): Decoded<Eip3009Terms> {
  const transfer = readTransfer(requirements, 'exact', payer, findAsset)
  if ('problem' in transfer) return transfer
  const { extra, known, ...rest } = transfer.value
  const refusal = refuseTransferMethod(extra, known)
  if (refusal !== undefined) return { problem: refusal }
  const name = readDomainField('name', extra, known)
  if ('problem' in name) return name
  const version = readDomainField('version', extra, known)
  if ('problem' in version) return version
  const { chainId, asset } = rest
  const domain = freezeParsed({ name: name.value, version: version.value, chainId, verifyingContract: asset })
  return { value: { ...rest, domain } }
}

/** Source: `@x402/evm` 2.27: where the offer names no method, it is EIP-3009. */
function refuseTransferMethod({ assetTransferMethod }: JsonObject, known: KnownAsset | undefined): string | undefined {
  if (assetTransferMethod !== undefined && assetTransferMethod !== 'eip3009') {
    return 'extra.assetTransferMethod is neither eip3009 nor permit2'
  }
  if (known?.assetTransferMethod === 'permit2') return 'its asset has no EIP-3009 and needs permit2'
  return undefined
}

function readDomainField(field: 'name' | 'version', extra: JsonObject, known: KnownAsset | undefined): Decoded<string> {
  const said = readDomainText(field, extra, known)
  if ('problem' in said) return said
  const value = said.value ?? known?.[field]
  return value === undefined ? { problem: `extra.${field} is missing and its asset is not a known one` } : { value }
}

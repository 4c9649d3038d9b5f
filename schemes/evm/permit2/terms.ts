import { type Decoded, isJsonObject, type JsonObject } from '../../../src/wire/json.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { readAddress } from '../address.js'
import type { AssetLookup } from '../assets/asset-lookup.js'
import { readDomainText } from '../assets/domain-text.js'
import type { KnownAsset } from '../assets/known-assets.js'
import type { Hex } from '../hex.js'
import { readTransfer, type Transfer } from '../transfer.js'
import { EXACT_PROXY, PERMIT2, UPTO_PROXY } from './contracts.js'

/** Why nothing is signed through Permit2 under protocol 1: its facilitators take EIP-3009 alone. Source: `@x402/evm` 2.27. */
export const NO_PERMIT2_IN_V1 = 'protocol 1 knows no permit2'

/** Terms of a payment through Permit2 that may be signed as they are. */
export type Permit2Terms = Omit<Transfer, 'extra' | 'known'> & {
  /** The contract that may use the signature, and only to pay {@link Permit2Terms.payTo}. */
  readonly spender: Hex
  /** Who alone may settle, for `upto`. */
  readonly facilitator: Hex | undefined
  /** The token's own EIP-712 domain, where the seller names all of it: only a token with EIP-2612 is offered with it. */
  readonly domain: { readonly name: string; readonly version: string } | undefined
}

/**
 * Reads requirements as terms of a payment through Permit2.
 *
 * @param requirements - The seller's; nothing in it is trusted.
 * @param scheme - Which of the two schemes that know Permit2.
 * @param payer - The buyer's account, which never pays itself.
 * @param findAsset - The tokens whose domain is known; a seller can't rename those.
 * @returns The terms, or why they can't be signed.
 */
export function readPermit2Terms(
  requirements: PaymentRequirements,
  scheme: 'exact' | 'upto',
  payer: Hex,
  findAsset: AssetLookup,
): Decoded<Permit2Terms> {
  const transfer = readTransfer(requirements, scheme, payer, findAsset)
  if ('problem' in transfer) return transfer
  const { extra, known, ...rest } = transfer.value
  const { assetTransferMethod, facilitatorAddress } = extra
  const isImplied = assetTransferMethod === undefined && (scheme === 'upto' || known?.assetTransferMethod === 'permit2')
  if (assetTransferMethod !== 'permit2' && !isImplied) {
    return { problem: 'extra.assetTransferMethod is not permit2' }
  }
  if ([PERMIT2, EXACT_PROXY, UPTO_PROXY].includes(rest.payTo)) {
    return { problem: 'payTo is a contract that only passes money on, where it is lost' }
  }
  const domain = readDomain(extra, known)
  if ('problem' in domain) return domain
  const terms = { ...rest, domain: domain.value }
  if (scheme === 'exact') return { value: { ...terms, spender: EXACT_PROXY, facilitator: undefined } }
  const facilitator = readFacilitator(facilitatorAddress)
  if ('problem' in facilitator) return facilitator
  return { value: { ...terms, spender: UPTO_PROXY, facilitator: facilitator.value } }
}

/** Without it anybody could settle, for as much as was signed. */
function readFacilitator(value: unknown): Decoded<Hex> {
  if (value === undefined) return { problem: 'extra.facilitatorAddress is missing' }
  const facilitator = readAddress(value)
  return 'problem' in facilitator ? { problem: `extra.facilitatorAddress ${facilitator.problem}` } : facilitator
}

function readDomain(extra: JsonObject, known: KnownAsset | undefined): Decoded<Permit2Terms['domain']> {
  const name = readDomainText('name', extra, known)
  if ('problem' in name) return name
  const version = readDomainText('version', extra, known)
  if ('problem' in version) return version
  const isWhole = name.value !== undefined && version.value !== undefined
  return { value: isWhole ? { name: name.value, version: version.value } : undefined }
}

/** Whether an exact payment goes through Permit2 because its offer says so. Source: `@x402/evm` 2.27: one that names no method is by EIP-3009. */
export function wantsPermit2({ extra }: PaymentRequirements): boolean {
  return isJsonObject(extra) && extra['assetTransferMethod'] === 'permit2'
}

/**
 * Whether an exact payment goes through Permit2: because its offer says so, or says nothing and its token is known to have no EIP-3009.
 *
 * Source: x402 specification, scheme `exact` on EVM: `eip3009` where the token has it, then `permit2`.
 */
export function needsPermit2({ extra }: PaymentRequirements, known: KnownAsset | undefined): boolean {
  const method = isJsonObject(extra) ? extra['assetTransferMethod'] : undefined
  return (method ?? known?.assetTransferMethod) === 'permit2'
}

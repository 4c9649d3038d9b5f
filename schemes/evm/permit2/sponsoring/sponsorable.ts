import type { TokenAllowance } from '../../../../src/payment/scheme.js'
import { isJsonObject } from '../../../../src/wire/json.js'
import { type EvmSetup, findSources } from '../../setup.js'
import { PERMIT2 } from '../contracts.js'
import type { Permit2Terms } from '../terms.js'

/** The seller submits a permit by EIP-2612. Source: `@x402/extensions` 2.27. */
export const EIP2612_SPONSORING = 'eip2612GasSponsoring'

/** The seller submits a signed `approve` transaction, and pays its gas. Source: `@x402/extensions` 2.27. */
const ERC20_SPONSORING = 'erc20ApprovalGasSponsoring'

/** The version of both extensions that is known. */
export const SPONSORING_VERSION = '1'

/** Longest `info` of a seller that is answered, in bytes of JSON: what is answered is sent back whole, in a header of 8 KiB. */
const MAX_INFO = 512

/** What the buyer says. A seller that says it first would be sent its own words back. */
const OWN_FIELDS = ['from', 'asset', 'spender', 'amount', 'nonce', 'deadline', 'signature', 'signedTransaction']

/** Whether the seller speaks of submitting an allowance at all. */
function isSponsoringDeclared(extensions: Readonly<Record<string, unknown>>): boolean {
  return [EIP2612_SPONSORING, ERC20_SPONSORING].some((key) => Object.hasOwn(extensions, key))
}

/** Whether an allowance may be signed beside a payment, where the chain says that it's missing. */
export function maySponsor(setup: EvmSetup, network: string, extensions: Readonly<Record<string, unknown>>): boolean {
  return setup.rpc.get(network) !== undefined && setup.allowance !== 'never' && isSponsoringDeclared(extensions)
}

/**
 * Lists the allowances that may be signed for these terms, the wanted one first. Pure: whether one is needed is the chain's to say.
 *
 * A permit by EIP-2612 is always for the payment's amount, since the proxies take no other.
 */
export function listSponsorable(
  setup: EvmSetup,
  { chainId, asset, amount, domain }: Permit2Terms,
  extensions: Readonly<Record<string, unknown>>,
): readonly TokenAllowance[] {
  const mode = setup.allowance
  if (mode === 'never' || findSources(setup, chainId) === undefined) return []
  const toAllowance = (by: string, most: string) => ({ by, asset, spender: PERMIT2, amount: most })
  const hasPermit = domain !== undefined && isOpen(extensions, EIP2612_SPONSORING)
  const hasApproval = setup.transactions !== undefined && isOpen(extensions, ERC20_SPONSORING)
  return [
    ...(hasPermit ? [toAllowance(EIP2612_SPONSORING, amount)] : []),
    ...(hasApproval ? [toAllowance(ERC20_SPONSORING, mode === 'standing' ? String(UNLIMITED) : amount)] : []),
  ]
}

function isOpen(extensions: Readonly<Record<string, unknown>>, key: string): boolean {
  const extension = Object.hasOwn(extensions, key) ? extensions[key] : undefined
  const info = isJsonObject(extension) ? extension['info'] : undefined
  if (!isJsonObject(info) || OWN_FIELDS.some((field) => Object.hasOwn(info, field))) return false
  if (new TextEncoder().encode(JSON.stringify(info)).length > MAX_INFO) return false
  return info['version'] === undefined || info['version'] === SPONSORING_VERSION
}

/** The largest amount that a token knows: an allowance without end. */
export const UNLIMITED = 2n ** 256n - 1n

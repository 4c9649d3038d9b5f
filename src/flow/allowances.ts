import type { SchemeNetworkClient, TokenAllowance } from '../payment/scheme.js'
import { isSameAddress } from '../wire/address.js'
import { freezeCopy, isJsonObject, type JsonObject } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** Extensions of the protocol under which a seller takes a signature beside the payment. Source: `@x402/extensions` 2.27. */
const SPONSORING = ['eip2612GasSponsoring', 'erc20ApprovalGasSponsoring']

/** The one spender by whom nobody takes anything without another signature. Source: `PERMIT2_ADDRESS` of `@x402/evm` 2.27. */
const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'

/**
 * What a scheme may sign beside the payment on these terms: allowances to Permit2, and to nobody else, since
 * those could be taken whole by themselves. A scheme that fails to say has nothing to sign.
 *
 * @param declared - `extensions` of the 402.
 */
export function listAllowances(
  scheme: SchemeNetworkClient,
  requirements: PaymentRequirements,
  declared: JsonObject | undefined,
): readonly TokenAllowance[] {
  return listAll(scheme, requirements, declared).filter(isHarmless)
}

function isHarmless({ spender }: TokenAllowance): boolean {
  return typeof spender === 'string' && isSameAddress(spender, PERMIT2)
}

function listAll(
  scheme: SchemeNetworkClient,
  requirements: PaymentRequirements,
  declared: JsonObject | undefined,
): readonly TokenAllowance[] {
  if (declared === undefined || scheme.listAllowances === undefined) return []
  try {
    return freezeCopy(scheme.listAllowances(requirements, freezeCopy({ ...declared })))
  } catch {
    return [] // what isn't named isn't let through, so nothing is signed on the strength of this
  }
}

/**
 * The extensions that a scheme is told of. Sellers may ask for an allowance without end, and a scheme that doesn't say beforehand what
 * it would sign isn't asked to; nor is one that would let anybody but Permit2 take tokens.
 */
export function toDeclared(
  scheme: SchemeNetworkClient,
  requirements: PaymentRequirements,
  declared: JsonObject | undefined,
): Record<string, unknown> {
  const all = Object.entries(declared ?? {})
  const harmful = listAll(scheme, requirements, declared).filter((one) => !isHarmless(one))
  const withheld = scheme.listAllowances === undefined ? SPONSORING : harmful.map(({ by }) => by)
  return freezeCopy(Object.fromEntries(all.filter(([key]) => !withheld.includes(key))))
}

/** Whether what is sent beside the payment holds an allowance that isn't, as it stands there, among those that the scheme says it signed. */
export function hasSilentAllowance(
  extensions: Readonly<Record<string, unknown>> | undefined,
  allowances: readonly TokenAllowance[],
): boolean {
  return SPONSORING.some((key) => {
    const named = allowances.find(({ by }) => by === key)
    return Object.hasOwn(extensions ?? {}, key) && (named === undefined || !isAsNamed(extensions?.[key], named))
  })
}

/** What the seller is shown of it is what was named, as far as it is shown. */
function isAsNamed(extension: unknown, { asset, spender, amount }: TokenAllowance): boolean {
  const info = isJsonObject(extension) && isJsonObject(extension['info']) ? extension['info'] : {}
  return Object.entries({ asset, spender, amount }).every(([field, named]) => {
    const shown = info[field]
    return shown === undefined || (typeof shown === 'string' && isSameAddress(shown, named))
  })
}

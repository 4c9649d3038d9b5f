import type { SchemeNetworkClient, TokenAllowance } from '../payment/scheme.js'
import { isSameAddress } from '../wire/address.js'
import { freezeCopy, isJsonObject, type JsonObject } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** Extensions of the protocol with which a seller takes an allowance along with the payment. Source: `@x402/extensions` 2.27. */
const SPONSORING = ['eip2612GasSponsoring', 'erc20ApprovalGasSponsoring']

/** The one spender through which no one can take anything without another signature. Source: `PERMIT2_ADDRESS` of `@x402/evm` 2.27. */
const PERMIT2 = '0x000000000022D473030F116dDEE9F6B43aC78BA3'

/**
 * Lists what a scheme may sign along with the payment on these terms: allowances for Permit2, and for no other spender, since any other could
 * take the whole allowance. A scheme that fails to say may sign none.
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
    return [] // an allowance that isn't listed isn't let through, so a scheme that throws can sign none
  }
}

const NONE: Record<string, unknown> = /* @__PURE__ */ freezeCopy({})

/**
 * Picks the extensions that a scheme is told about. A seller may ask for an unlimited allowance, so a scheme that doesn't say beforehand what it
 * would sign isn't told, and neither is one that would let any spender but Permit2 take tokens.
 */
export function toDeclared(
  scheme: SchemeNetworkClient,
  requirements: PaymentRequirements,
  declared: JsonObject | undefined,
): Record<string, unknown> {
  if (declared === undefined) return NONE
  const all = Object.entries(declared)
  const harmful = listAll(scheme, requirements, declared).filter((one) => !isHarmless(one))
  const withheld = scheme.listAllowances === undefined ? SPONSORING : harmful.map(({ by }) => by)
  return freezeCopy(Object.fromEntries(all.filter(([key]) => !withheld.includes(key))))
}

/** Whether the extensions that are sent with the payment hold an allowance that isn't, exactly so, among those that the scheme says it signed. */
export function hasSilentAllowance(
  extensions: Readonly<Record<string, unknown>> | undefined,
  allowances: readonly TokenAllowance[],
): boolean {
  return SPONSORING.some((key) => {
    const named = allowances.find(({ by }) => by === key)
    return Object.hasOwn(extensions ?? {}, key) && (named === undefined || !isAsNamed(extensions?.[key], named))
  })
}

/** Whether what the seller is shown of an allowance is what was named. */
function isAsNamed(extension: unknown, { asset, spender, amount }: TokenAllowance): boolean {
  const info = isJsonObject(extension) && isJsonObject(extension['info']) ? extension['info'] : {}
  return Object.entries({ asset, spender, amount }).every(([field, named]) => {
    const shown = info[field]
    return shown === undefined || (typeof shown === 'string' && isSameAddress(shown, named))
  })
}

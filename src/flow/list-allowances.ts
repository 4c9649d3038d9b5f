import { freezeCopy, type JsonObject } from '../protocol/json.js'
import type { PaymentRequirements } from '../protocol/requirements.js'
import type { SchemeNetworkClient, TokenAllowance } from '../scheme.js'

/** Extensions of the protocol under which a seller takes a signature beside the payment. Source: `@x402/extensions` 2.27. */
const SPONSORING = ['eip2612GasSponsoring', 'erc20ApprovalGasSponsoring']

/**
 * What a scheme may sign beside the payment on these terms. One that fails to say has nothing to sign.
 *
 * @param declared - `extensions` of the 402.
 */
export function listAllowances(
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
 * it would sign isn't asked to.
 */
export function toDeclared(scheme: SchemeNetworkClient, declared: JsonObject | undefined): Record<string, unknown> {
  const all = Object.entries(declared ?? {})
  const told = scheme.listAllowances === undefined ? all.filter(([key]) => !SPONSORING.includes(key)) : all
  return freezeCopy(Object.fromEntries(told))
}

/** Whether what is sent beside the payment holds an allowance that isn't among those that the scheme says it signed. */
export function hasSilentAllowance(
  extensions: Readonly<Record<string, unknown>> | undefined,
  allowances: readonly TokenAllowance[],
): boolean {
  return SPONSORING.some((key) => Object.hasOwn(extensions ?? {}, key) && !allowances.some(({ by }) => by === key))
}

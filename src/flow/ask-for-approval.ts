import { formatPrice } from '../protocol/amount.js'
import { abortable } from './abortable.js'
import { createAbortError } from './create-abort-error.js'
import { listAllowances } from './list-allowances.js'
import type { Allowance, ApprovalRequest, AskApproval, Assessment } from './ports.js'
import type { Call, Selected } from './steps.js'

/** Why a payment isn't approved. */
export type Disapproval = { readonly reason: string | undefined; readonly cause?: unknown }

/**
 * Asks whoever approves payments, in their order, showing exactly the terms that are then signed.
 *
 * @returns The first no; `undefined` when all say yes. What somebody throws is a no.
 */
export async function askForApproval(
  selected: Selected,
  { approvals = [], symbol, decimals, dollars }: Allowance & Assessment,
): Promise<Disapproval | undefined> {
  if (approvals.length === 0) return undefined
  const { call, envelope } = selected.challenge
  const { requirements } = selected.offer
  const { payTo, asset, network, amount } = requirements
  const request: ApprovalRequest = Object.freeze({
    resource: call.resource,
    host: call.host,
    method: call.method,
    payer: selected.registration.scheme.payer,
    payee: payTo,
    asset,
    network,
    amount,
    price: formatPrice(BigInt(amount), symbol, decimals),
    exposure: String(selected.exposure),
    dollars: dollars === undefined ? undefined : call.limits.format('usd', dollars),
    allowances: listAllowances(selected.registration.scheme, requirements, envelope.extensions),
    tags: call.tags,
    sellerSays: call.quote(envelope.resource?.['description']),
  })
  for (const approve of approvals) {
    const disapproval = await ask(() => approve(request), call)
    if (disapproval !== undefined) return disapproval
  }
  return undefined
}

async function ask(approve: () => ReturnType<AskApproval>, call: Call): Promise<Disapproval | undefined> {
  try {
    const { approved, reason } = await abortable(approve(), call.signal)
    return approved ? undefined : { reason }
  } catch (cause) {
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
    return { reason: undefined, cause }
  }
}

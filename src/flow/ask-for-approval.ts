import { payerOf, type SchemeNetworkClient } from '../payment/scheme.js'
import { formatPrice } from '../wire/amount.js'
import type { Envelope } from '../wire/challenge.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { abortable } from './abortable.js'
import { createAbortError } from './create-abort-error.js'
import { listAllowances } from './list-allowances.js'
import type { Allowance, ApprovalRequest, AskApproval, Assessment } from './ports.js'
import type { Call } from './steps.js'

/** Why a payment isn't approved. */
export type Disapproval = { readonly reason: string | undefined; readonly cause?: unknown }

/** What somebody is asked to approve. */
export type Approving = {
  readonly call: Call
  /** The 402; `undefined` when it can't be read, which doesn't matter to a payment that is presented again. */
  readonly envelope: Envelope | undefined
  readonly requirements: PaymentRequirements
  /** Most that others can take by the signature, in atomic units. */
  readonly exposure: bigint
  readonly scheme: SchemeNetworkClient | undefined
  /** The payment that is presented again. */
  readonly resumed?: string | undefined
  /** The earlier payment of the same purchase, which may have been taken. */
  readonly perhapsPaid?: string | undefined
}

/**
 * Asks whoever approves payments, in their order, showing exactly the terms that are then signed.
 *
 * @returns The first no; `undefined` when all say yes. What somebody throws is a no.
 */
export async function askForApproval(
  { call, envelope, requirements, exposure, scheme, resumed, perhapsPaid }: Approving,
  { approvals = [], symbol, decimals, dollars }: Allowance & Assessment,
): Promise<Disapproval | undefined> {
  if (approvals.length === 0) return undefined
  const { payTo, asset, network, amount } = requirements
  const request: ApprovalRequest = Object.freeze({
    resource: call.resource,
    host: call.host || undefined,
    method: call.method,
    payer: scheme && payerOf(scheme),
    payTo: payTo,
    asset,
    network,
    amount,
    price: formatPrice(BigInt(amount), symbol, decimals),
    exposure: String(exposure),
    dollars: dollars === undefined ? undefined : call.limits.format('usd', dollars),
    allowances:
      scheme === undefined || resumed !== undefined ? [] : listAllowances(scheme, requirements, envelope?.extensions),
    tags: call.tags,
    sellerSays: call.quote(envelope?.resource?.['description']),
    resumed: resumed !== undefined,
    payment: resumed,
    perhapsPaid,
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

import { invalidOption } from '../errors/options.js'
import type { Approve, AskApproval, MoneyInput, Verdict } from '../payment/limits.js'
import type { Charge } from '../payment/payment.js'
import { isJsonObject } from '../wire/json.js'
import { findExceeded, prices, readLimit } from './limit.js'

/** Who approves payments, beside the limits. */
export type ApprovalOptions = {
  /**
   * Asked before anything is reserved or signed, for a person or a policy to decide. What it approves is what is then signed.
   *
   * Only `true` or `{ approved: true }` is a yes. It can't allow what another limit refuses.
   *
   * @default nobody is asked
   * @example { approve: async ({ price, resource }) => confirm(`Pay ${price} for ${resource}?`) }
   */
  approve?: Approve | undefined
  /**
   * Most that one payment may cost without `approve` being asked. What it can't price is asked about.
   *
   * @default every payment is asked about
   * @example { approve, approveAbove: '$0.10' }
   */
  approveAbove?: MoneyInput | undefined
}

/** {@link ApprovalOptions} that were read: who is asked about a payment that adds these charges. */
export type ApprovalRule = (charges: readonly Charge[]) => readonly AskApproval[]

/**
 * Reads who approves payments.
 *
 * @param options - Untrusted.
 * @param where - What the options are called, such as `limits`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readApproval({ approve, approveAbove }: ApprovalOptions, where: string): ApprovalRule {
  if (approve === undefined && approveAbove === undefined) return () => []
  if (typeof approve !== 'function') throw invalidOption(`${where}.approve`, 'a function')
  const asked: readonly AskApproval[] = [async (request) => toVerdict(await approve(request))]
  if (approveAbove === undefined) return () => asked
  const above = readLimit(approveAbove, `${where}.approveAbove`)
  return (charges) => (prices(above, charges) && findExceeded(above, charges) === undefined ? [] : asked)
}

/** What isn't a clear yes is a no: a function that forgot to answer approves nothing. */
function toVerdict(answer: unknown): Verdict {
  const { approved, reason } = isJsonObject(answer) ? answer : { approved: answer, reason: undefined }
  return { approved: approved === true, reason: typeof reason === 'string' ? reason : undefined }
}

import { NO_ONE_TO_ASK } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { invalidOption } from '../errors/options.js'
import { type Approve, ASK_LATER, type AskApproval, type MoneyInput, type Verdict } from '../payment/limits.js'
import type { Charge } from '../payment/payment.js'
import { isJsonObject } from '../wire/json.js'
import { findExceeded, prices, readLimit } from './limit.js'

/** Who approves payments, beside the limits. */
export type ApprovalOptions = {
  /**
   * Asked before anything is reserved or signed, for a person or a policy to decide. What it approves is what is then signed.
   *
   * Only `true` or `{ approved: true }` is a yes. It can't allow what another limit refuses. With `'later'`, as an answer or in place of the
   * function, the call ends with `APPROVAL_PENDING`, and someone decides with `desk.approve` of `pay402/desk`; then the same call pays, once.
   *
   * @default no one is asked
   * @example { approve: async ({ price, resource }) => confirm(`Pay ${price} for ${resource}?`) }
   */
  approve?: Approve | 'later' | undefined
  /**
   * Most that one payment may cost without `approve` being asked. What it can't price is asked about.
   *
   * @default every payment is asked about
   * @example { approve, approveAbove: '$0.10' }
   */
  approveAbove?: MoneyInput | undefined
  /**
   * How many questions about one host may be asked in any 60 seconds that wait for an answer or got no yes; about all hosts together three times
   * as many. Beyond that payments are refused unasked (`ASKED_TOO_OFTEN`), so that no seller can wear a person down. A yes starts the count again.
   *
   * Each function that is given as `approve` has a count of its own, over a client and all that it restricts.
   *
   * `Infinity` is for a rule that decides by itself and often says no.
   *
   * @default 20
   * @example { approve: isWorthIt, askAtMost: Number.POSITIVE_INFINITY }
   */
  askAtMost?: number | undefined
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
  if (approve === undefined) throw fail(NO_ONE_TO_ASK, { words: { where } })
  if (approve !== 'later' && typeof approve !== 'function')
    throw invalidOption(`${where}.approve`, "a function, or 'later'")
  const asked = [approve === 'later' ? ASK_LATER : toAsk(approve)]
  if (approveAbove === undefined) return () => asked
  const above = readLimit(approveAbove, `${where}.approveAbove`)
  return (charges) => (prices(above, charges) && findExceeded(above, charges) === undefined ? [] : asked)
}

/**
 * Reads how often they may be asked.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION`.
 */
export function readAskAtMost({ askAtMost }: ApprovalOptions, where: string): number | undefined {
  const isRight = Number.isSafeInteger(askAtMost) || askAtMost === Number.POSITIVE_INFINITY
  if (askAtMost === undefined || (isRight && askAtMost > 0)) return askAtMost
  throw invalidOption(`${where}.askAtMost`, 'a whole number, 1 or more, or Infinity')
}

/** One for each approver, so that whoever is handed to each call is known again. */
const asks = /* @__PURE__ */ new WeakMap<Approve, AskApproval>()

function toAsk(approve: Approve): AskApproval {
  const known = asks.get(approve)
  if (known !== undefined) return known
  const ask: AskApproval = async (request) => toVerdict(await approve(request))
  asks.set(approve, ask)
  return ask
}

/** What isn't a clear yes is a no: a function that forgot to answer approves nothing. */
function toVerdict(answer: unknown): Verdict {
  const { approved, reason } = isJsonObject(answer) ? answer : { approved: answer, reason: undefined }
  return {
    approved: approved === true,
    reason: typeof reason === 'string' ? reason : undefined,
    ...(approved === 'later' && { isLater: true }),
  }
}

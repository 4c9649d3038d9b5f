import { LIMIT, NOT_APPROVED } from '../errors/catalogue/limits.js'
import { fail } from '../errors/fail.js'
import type { LimitError, LimitErrorCode } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Call } from '../payment/call.js'
import { type Assessment, toRefusal } from '../payment/limits.js'
import type { Notation, Terms } from '../payment/terms.js'
import { formatPrice } from '../wire/amount.js'
import { cite } from '../wire/seller-text.js'
import type { Disapproval } from './approve.js'

/** What a limit refuses to pay, or to present again. */
export type Refused = {
  readonly call: Call
  readonly terms: Terms
  readonly assessment: Assessment
  /** Most that others can take by the signature, in atomic units. */
  readonly exposure: bigint
  /** Where the money is: of a payment that is presented again, where that is. @default 'untouched' */
  readonly money?: MoneyState | undefined
}

/** Why it refuses. */
export type Refusal = {
  readonly code: LimitErrorCode
  readonly because: string
  readonly hint: string
  readonly facts?: Readonly<Record<string, string | undefined>>
  readonly cause?: unknown
}

/** The error of a payment that a limit refuses. */
export function createLimitError(refused: Refused, refusal: Refusal): LimitError {
  const { call, terms, assessment, exposure, money = 'untouched' } = refused
  const { amount } = terms
  const { code, because, hint, cause } = refusal
  const row = { ...LIMIT, code }
  return fail(row, {
    money,
    words: { price: toPrice(amount, assessment.notation), because },
    facts: {
      resource: call.resource,
      network: cite(terms.network),
      asset: cite(terms.asset),
      'pay to': cite(terms.payTo),
      exposure:
        exposure > amount
          ? `${toPrice(exposure, assessment.notation)}, which others could take by what is signed`
          : undefined,
      ...refusal.facts,
    },
    hint,
    cause,
  })
}

/** The error of a payment that somebody was asked about and didn't approve. */
export function createDisapprovedError(refused: Refused, { reason, ...cause }: Disapproval): LimitError {
  const why = reason === undefined ? '' : ` (${reason})`
  return createLimitError(refused, { ...toRefusal(NOT_APPROVED, { why }), ...cause })
}

function toPrice(amount: bigint, { symbol, decimals }: Notation): string {
  return formatPrice(amount, symbol, decimals) ?? `${amount} units of an unknown asset`
}

import { LimitError, type LimitErrorCode } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import { formatPrice } from '../wire/amount.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { cite } from '../wire/seller-text.js'
import type { Disapproval } from './ask-for-approval.js'
import type { Assessment } from './ports.js'
import type { Call } from './steps.js'

/** What a limit refuses to pay, or to present again. */
export type Refused = {
  readonly call: Call
  readonly requirements: PaymentRequirements
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
  const { call, requirements, assessment, exposure, money = 'untouched' } = refused
  const amount = BigInt(requirements.amount)
  return new LimitError(`Refused to pay ${toPrice(amount, assessment)}: ${refusal.because}.`, {
    code: refusal.code,
    money,
    facts: {
      resource: call.resource,
      network: cite(requirements.network),
      asset: cite(requirements.asset),
      'pay to': cite(requirements.payTo),
      exposure:
        exposure > amount ? `${toPrice(exposure, assessment)}, which others could take by what is signed` : undefined,
      ...refusal.facts,
    },
    hint: refusal.hint,
    ...('cause' in refusal && { cause: refusal.cause }),
  })
}

/** The error of a payment that somebody was asked about and didn't approve. */
export function createDisapprovedError(refused: Refused, { reason, ...cause }: Disapproval): LimitError {
  return createLimitError(refused, {
    code: 'NOT_APPROVED',
    because: `it was not approved${reason === undefined ? '' : ` (${reason})`}`,
    hint: 'The person or rule that approves payments said no, or did not say yes.',
    ...cause,
  })
}

function toPrice(amount: bigint, { symbol, decimals }: Assessment): string {
  return formatPrice(amount, symbol, decimals) ?? `${amount} units of an unknown asset`
}

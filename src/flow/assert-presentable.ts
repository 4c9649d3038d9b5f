import { askForApproval } from './ask-for-approval.js'
import { createDisapprovedError, createLimitError } from './limit-refusal.js'
import { moneyOf } from './money-of.js'
import type { LedgerRecord, Ports } from './ports.js'
import type { Call, Challenge } from './steps.js'

/**
 * Asserts that a payment that was made may be presented again: presenting is spending, so lists, the limit of a payment and whoever
 * approves hold as for a new one. Windows don't, since it counts already.
 *
 * @throws {@link LimitError} when one of them refuses; the payment stays as it is.
 */
export async function assertPresentable(
  record: LedgerRecord,
  call: Call,
  challenge: Challenge | undefined,
  ports: Ports,
): Promise<void> {
  const { presentation } = record
  if (presentation === undefined) return // nothing is left to present
  const { requirements } = presentation
  const { assessment, scheme } = assessRecord(record, call, ports)
  const exposure = toExposure(record)
  const offered = { call, requirements, assessment, exposure, money: moneyOf(record.state) }
  if ('refusal' in assessment) throw createLimitError(offered, assessment.refusal)
  const disapproval = await askForApproval(
    { call, envelope: challenge?.envelope, requirements, exposure, scheme, resumed: record.id },
    assessment,
  )
  if (disapproval !== undefined) throw createDisapprovedError(offered, disapproval)
}

/** Whether somebody would be asked about a payment like this one, and so can say that it may be made again. */
export function isAskedAbout(record: LedgerRecord, call: Call, ports: Ports): boolean {
  const { assessment } = assessRecord(record, call, ports)
  return !('refusal' in assessment) && (assessment.approvals ?? []).length > 0
}

function assessRecord(record: LedgerRecord, call: Call, { schemes }: Ports) {
  const { network, asset, payer, payTo } = record
  const wanted = { scheme: record.scheme, network, x402Version: 2, spoken: undefined, payer } as const
  const scheme = schemes.find(wanted)?.scheme
  const { host, tags } = call
  const known = scheme?.findDefaultAsset?.(asset, network)
  const amount = toExposure(record)
  return { scheme, assessment: call.limits.assess({ network, asset, amount, payTo, host, tags, known }) }
}

/** What was reserved in the asset itself, which may be more than the price. */
function toExposure({ network, asset, amount, charges }: LedgerRecord): bigint {
  const unit = `${network}/${asset}`.toLowerCase()
  return charges.find((charge) => charge.unit.toLowerCase() === unit)?.amount ?? amount
}

import type { LimitError } from '../errors/step-errors.js'
import { isUnderOtherLimits, LIMITS, type Value } from '../payment/ledger.js'
import type { LimitRefusal } from '../payment/limits.js'
import { loadPart } from '../payment/part.js'
import type { Ports } from '../payment/ports.js'
import type { Selected } from '../payment/steps.js'

/** The limits were replaced in the ledger's register, and are known now: the offers have to be judged by them. */
export const JUDGE_AGAIN = Symbol('judge again')

/** What limits refuse that were replaced since, others may allow. */
export async function refuseOrJudgeAgain(
  selected: Selected,
  refusal: LimitRefusal,
  ports: Ports,
): Promise<typeof JUDGE_AGAIN> {
  let value: Value | undefined
  try {
    value = await ports.ledger.get(LIMITS.kind, LIMITS.key)
  } catch {
    value = undefined // a ledger that fails allows nothing
  }
  if (isUnderOtherLimits(value, { limits: selected.assessment.version })) return followLimits(selected, value, ports)
  return refuse(({ createOfferError }) => createOfferError(selected, refusal))
}

/** Takes the limits of the register in place of those that the client had. */
export async function followLimits(
  selected: Selected,
  value: Value | undefined,
  ports: Ports,
): Promise<typeof JUDGE_AGAIN> {
  if (await ports.followLimits(value)) return JUDGE_AGAIN
  return refuse(({ createReplacedError }) => createReplacedError(selected, 'unreadable'))
}

/** What says why is loaded when something is refused. */
export async function refuse(create: (part: typeof import('./limit-errors.js')) => LimitError): Promise<never> {
  throw create(await loadPart(import('./limit-errors.js')))
}

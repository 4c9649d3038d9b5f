import { isUnderOtherLimits, LIMITS, type Value } from '../payment/ledger.js'
import type { LimitRefusal } from '../payment/limits.js'
import type { Ports } from '../payment/ports.js'
import type { Selected } from '../payment/steps.js'
import { createOfferError, createReplacedError } from './limit-errors.js'

/** The limits were replaced in the ledger's register, and are known now: the offers have to be judged by them. */
export type JudgeAgain = 'judge again'

/** A selected offer that limits refuse as it stands, or that was judged by others than those of the register. */
type Replaced = { readonly refusal: LimitRefusal } | { readonly value: Value | undefined }

/**
 * Takes the limits of the register in place of those that an offer was judged by: they may allow what these refuse.
 *
 * @throws {@link LimitError} where they are the same, or can't be read. Nothing was signed.
 */
export async function judgeReplaced(selected: Selected, replaced: Replaced, ports: Ports): Promise<JudgeAgain> {
  if ('value' in replaced) return follow(selected, replaced.value, ports)
  const known = selected.assessment.version
  const read = await readLimits(ports)
  if (read !== undefined && isUnderOtherLimits(read.value, { limits: known }))
    return follow(selected, read.value, ports)
  throw createOfferError(selected, replaced.refusal)
}

/** A ledger that fails allows nothing: then what refuses stands. */
async function readLimits({ ledger }: Ports): Promise<{ readonly value: Value | undefined } | undefined> {
  try {
    return { value: await ledger.get(LIMITS.kind, LIMITS.key) }
  } catch {
    return undefined
  }
}

async function follow(selected: Selected, value: Value | undefined, ports: Ports): Promise<JudgeAgain> {
  if (await ports.followLimits(value)) return 'judge again'
  throw createReplacedError(selected, 'unreadable')
}

import { FREEZE, isUnderOtherLimits, LIMITS, type Refusal } from '../../payment/ledger.js'
import type { Ports } from '../../payment/ports.js'
import type { Selected } from '../../payment/steps.js'
import { isFull, readSums } from '../earlier/presented.js'
import { createRefusedError, createUnreservedError } from '../limit-errors.js'
import { type JudgeAgain, judgeReplaced } from '../limit-refusal.js'

/** Why a ledger would reserve nothing, as far as it tells without reserving. */
export type Foreseen = Exclude<Refusal, { by: 'open' | 'pin' }>

/**
 * Looks what the ledger would say to a selected offer now, in the order of its own step. Nothing is reserved, so it may say something else then.
 *
 * @returns Why it would refuse; `undefined` when nothing is known that would.
 * @throws What the ledger throws; nothing was signed.
 */
export async function foresee({ assessment }: Selected, ports: Ports): Promise<Foreseen | undefined> {
  const { ledger } = ports
  const frozen = await ledger.get(FREEZE.kind, FREEZE.key)
  if (frozen !== undefined) return { by: 'frozen', value: frozen }
  const value = await ledger.get(LIMITS.kind, LIMITS.key)
  if (isUnderOtherLimits(value, { limits: assessment.version })) return { by: 'limits', value }
  if ('refusal' in assessment) return undefined
  for (const cap of assessment.caps) {
    const { held, spent, count } = await readSums(cap, ports)
    if (isFull(cap, assessment, { held, spent, count })) return { by: 'cap', cap, held, spent }
  }
  return undefined
}

/**
 * Asserts that a payment may be reserved, before a person or a desk is asked about it: no one is asked about what would be refused anyway.
 *
 * @param askChain - Asks the chain for room, once, as reserving does; resolves to whether there may be more.
 * @returns That the limits were replaced, and the offers have to be judged by the new ones; `undefined` when nothing refuses.
 * @throws {@link LimitError} as reserving would throw it; nothing was signed and no one was asked.
 */
export async function assertForeseen(
  selected: Selected,
  ports: Ports,
  askChain: () => Promise<boolean>,
): Promise<JudgeAgain | undefined> {
  let refused: Foreseen | undefined
  try {
    refused = await foresee(selected, ports)
    if (refused?.by === 'cap' && (await askChain())) refused = await foresee(selected, ports)
  } catch (cause) {
    throw createUnreservedError(selected, cause)
  }
  if (refused === undefined) return undefined
  if (refused.by === 'limits') return judgeReplaced(selected, refused, ports)
  throw createRefusedError(selected, refused, ports)
}

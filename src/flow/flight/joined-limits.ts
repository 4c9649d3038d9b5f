import { isPromise } from '../../payment/digest.js'
import type { Assessment } from '../../payment/limits.js'
import type { Ports } from '../../payment/ports.js'
import { paymentOf } from '../../payment/summary.js'
import type { Terms } from '../../payment/terms.js'
import { type Approving, askForApproval } from '../approval.js'
import { createDisapprovedError, createLimitError } from '../limit-errors.js'
import { assess } from '../offer.js'
import type { ReadChallenge } from '../read.js'
import { select } from '../select.js'
import { assertOwnResource } from '../trust.js'

/**
 * Asserts that a call might buy what another one is buying for it: an offer of its own 402 is selected, and its limits that don't depend on
 * what was spent, and everyone who approves, are asked about that one. Nothing is reserved.
 *
 * @returns The terms that were agreed to; `undefined` when its own 402 can't be read, so that only what is paid tells them.
 * @throws What selecting throws, and {@link LimitError}; this call's money is untouched.
 */
export async function assertJoinable({ challenge }: ReadChallenge, ports: Ports): Promise<Terms | undefined> {
  if (challenge === undefined) return undefined
  const selecting = select(challenge, ports)
  const selected = isPromise(selecting) ? await selecting : selecting
  assertOwnResource(selected, ports)
  const { offer, registration, exposure, assessment } = selected
  const { call, envelope } = challenge
  const { terms, requirements } = offer
  await assertAllowed({ call, envelope, terms, requirements, exposure, scheme: registration.scheme }, assessment, ports)
  return terms
}

/**
 * Asserts that a call might have bought what the other one paid, where that isn't what its own 402 asks for.
 *
 * @param response - What the other call was given.
 * @param agreed - What {@link assertJoinable} returned.
 * @throws {@link LimitError}; this call's money is untouched.
 */
export async function assertPaidTerms(
  response: object,
  agreed: Terms | undefined,
  { call, challenge }: ReadChallenge,
  ports: Ports,
): Promise<void> {
  const paid = paymentOf(response)?.terms
  if (paid === undefined) return // it cost nothing
  const { scheme, network, asset, payTo } = paid
  const amount = BigInt(paid.amount)
  const isAgreed =
    agreed?.network === network && agreed.asset === asset && agreed.payTo === payTo && agreed.amount >= amount
  if (isAgreed) return
  const terms: Terms = { scheme, network, asset, payTo, amount, maxTimeoutSeconds: 0, extra: {} }
  const found = ports.schemes.find({ scheme, network, x402Version: 2, spoken: undefined })
  const assessment = assess(terms, amount, found?.scheme.findDefaultAsset?.(asset, network), call)
  await assertAllowed(
    { call, envelope: challenge?.envelope, terms, exposure: amount, scheme: found?.scheme },
    assessment,
    ports,
  )
}

async function assertAllowed(approving: Approving, assessment: Assessment, ports: Ports): Promise<void> {
  const refused = { ...approving, assessment }
  if ('refusal' in assessment) throw createLimitError(refused, assessment.refusal)
  const { disapproval } = await askForApproval(approving, assessment, ports)
  if (disapproval !== undefined) throw createDisapprovedError(refused, disapproval)
}

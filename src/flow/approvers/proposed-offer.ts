import { NO_PROPOSAL } from '../../errors/catalogue/desk.js'
import { fail } from '../../errors/fail.js'
import { type Proposal, placeOf, readProposal, showProposal } from '../../payment/desk/proposal.js'
import { ASK_AT_MOST } from '../../payment/limits.js'
import type { Ports } from '../../payment/ports.js'
import type { Selected } from '../../payment/steps.js'
import { toProposed, toRefused, toRequest } from '../approval.js'
import { createFullDeskError, createOfferError, createReplacedError } from '../limit-errors.js'
import { assertForeseen } from './foreseen.js'
import { askDesk } from './proposal.js'

/**
 * Proposes to pay a selected offer, ahead of the call that pays it.
 *
 * @returns The proposal as it stands: it may be decided already.
 * @throws {@link LimitError} when a limit refuses, as a call would end now, or `ASKED_TOO_OFTEN` when too many wait; nothing was signed.
 */
export async function proposeSelected(selected: Selected, ports: Ports): Promise<Proposal> {
  const { challenge, offer, registration, exposure, assessment } = selected
  if ('refusal' in assessment) throw createOfferError(selected, assessment.refusal)
  const { call, envelope } = challenge
  const { requirements, terms } = offer
  const asked = { call, envelope, terms, requirements, exposure, scheme: registration.scheme, isAhead: true }
  const again = await assertForeseen(selected, ports, ports.reconcile)
  // Its caller followed them a moment ago, so that they were replaced once more.
  if (again !== undefined) throw createReplacedError(selected, 'often')
  const request = await toRequest(asked, assessment, ports)
  const answer = await askDesk(asked, request, assessment.askAtMost ?? ASK_AT_MOST, ports)
  if (answer.is === 'full') throw createFullDeskError(toRefused(asked, assessment), answer.list)
  if (answer.is === 'pending' && answer.isNew) ports.emit('proposed', () => toProposed(request))
  const { kind, key } = placeOf(request.proposal)
  const proposal = readProposal(await ports.ledger.get(kind, key))
  if (proposal === undefined) throw fail(NO_PROPOSAL, { words: { proposal: key } })
  return showProposal(proposal, ports.clock.nowSeconds())
}

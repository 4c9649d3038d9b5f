import { bytesToHex } from '@noble/hashes/utils.js'
import {
  changeProposal,
  isLive,
  type KeptProposal,
  PROPOSAL_SECONDS,
  placeOf,
  readProposal,
  toApproval,
} from '../../payment/desk/proposal.js'
import { enterProposal, type FullList, leaveProposal } from '../../payment/desk/proposals.js'
import { digestText } from '../../payment/digest.js'
import type { ApprovalRequest } from '../../payment/limits.js'
import type { PaymentApproval } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { toAddressKey } from '../../wire/address.js'
import type { Approving } from '../approval.js'

/** What someone at a desk says about a payment, or why nobody does. */
export type Answer =
  /** With the approval, if it is taken for a new payment. */
  | { readonly is: 'approved'; readonly taken: PaymentApproval | undefined }
  | { readonly is: 'denied'; readonly by: string; readonly reason: string | undefined }
  | { readonly is: 'pending'; readonly id: string; readonly isNew: boolean }
  | { readonly is: 'used' }
  | { readonly is: 'full'; readonly list: FullList }

type Asking = Pick<Ports, 'ledger' | 'clock' | 'random' | 'purchases'>

/**
 * Names exactly what whoever approves is asked: the purchase, what would be paid and from which account, and what may be signed along. Anything
 * else is another proposal. Under a key also the request, since a key names its purchase whatever is asked for under it.
 */
export async function toProposalId(
  { call }: Pick<Approving, 'call'>,
  request: Omit<ApprovalRequest, 'proposal'>,
): Promise<string> {
  const { purchase, coarse } = await call.names()
  const { scheme, network, asset, payTo, amount, price, dollars, exposure, payer, allowances } = request
  const written = allowances.flatMap((one) => [one.by, toAddressKey(one.asset), toAddressKey(one.spender), one.amount])
  const digest = await digestText([
    'proposal',
    purchase,
    call.key === undefined ? '' : (coarse ?? ''),
    scheme,
    network,
    ...[asset, payTo, payer ?? ''].map(toAddressKey),
    amount,
    exposure,
    price ?? '',
    dollars ?? '',
    request.payment ?? '',
    request.perhapsPaid ?? '',
    ...written,
  ])
  return digest.slice(0, 32)
}

/**
 * Looks what someone at a desk decided about a payment, and proposes it where nobody did.
 *
 * A new payment takes the approval, so that it pays once: what is written down then is that it was used, before anything is reserved. What costs
 * nothing more, since it presents an earlier payment or shares in one, leaves it as it is.
 *
 * @param request - What the person is shown.
 * @param most - How many proposals about one host may wait.
 * @returns What was decided. It was written down before this resolves.
 * @throws What the ledger throws; nothing was signed.
 */
export async function askDesk(
  approving: Approving,
  request: ApprovalRequest,
  most: number,
  ports: Asking,
): Promise<Answer> {
  const { ledger, clock, random } = ports
  const { proposal: id } = request
  const nowSeconds = clock.nowSeconds()
  const { kind, key } = placeOf(id)
  const found = readProposal(await ledger.get(kind, key))
  const isNew = found === undefined || !isLive(found, nowSeconds)
  const isShared = approving.takes !== true
  if (isNew) {
    // The same call again may be another purchase, which somebody has to approve anew; not the call that was told to pay this one.
    if (found?.state === 'used' && nowSeconds < found.expiresAtSeconds && isShared && !approving.isAhead) return SHARED
    if (found?.state === 'used' && approving.call.proposal !== undefined) return { is: 'used' }
    const list = await enterProposal(toEntry(id, request, nowSeconds), most, nowSeconds, ledger)
    if (list !== undefined) return { is: 'full', list }
  }
  const { purchase } = await approving.call.names()
  const fresh = toFresh(request, { purchase, space: ports.purchases.space, nowSeconds })
  const use = bytesToHex(random(8))
  let answer: Answer = { is: 'pending', id, isNew }
  await changeProposal(ledger, id, (proposal) => {
    answer = { is: 'pending', id, isNew }
    if (proposal === undefined || !isLive(proposal, nowSeconds)) return fresh
    const { state, by = '', reason } = proposal
    if (state === 'denied') answer = { is: 'denied', by, reason }
    if (state !== 'approved') return proposal
    if (isShared) {
      answer = SHARED
      return proposal
    }
    const used: KeptProposal = { ...proposal, state: 'used', use }
    answer = { is: 'approved', taken: toApproval(used) }
    return used
  })
  // Somebody decided between the two steps: it doesn't wait.
  if (isNew && answer.is !== 'pending') await leaveProposal(id, nowSeconds, ledger)
  return answer
}

/**
 * Gives an approval back whose payment never left, so that the same call may be paid after all. If the ledger can't be told, someone has to approve
 * once more, and nothing worse, so that is a warning.
 */
export async function giveBack(
  approval: PaymentApproval,
  { ledger, warn }: Pick<Ports, 'ledger' | 'warn'>,
): Promise<void> {
  const { proposal: id, by, reason, atSeconds: decidedAtSeconds, use } = approval
  const approved = { state: 'approved', by, reason, decidedAtSeconds, use: undefined } as const
  try {
    await changeProposal(ledger, id, (proposal) => {
      const isOurs = proposal?.state === 'used' && proposal.use === use
      // Another call may have asked the same by now: this is the answer.
      return proposal !== undefined && (isOurs || proposal.state === 'pending')
        ? { ...proposal, ...approved }
        : proposal
    })
  } catch (cause) {
    const message = `The ledger could not give back the approval of proposal ${id}.`
    warn({ code: 'LEDGER_BEHIND', message, cause })
  }
}

const SHARED: Answer = { is: 'approved', taken: undefined }

function toEntry(id: string, { host }: ApprovalRequest, nowSeconds: number) {
  return { id, host, expiresAtSeconds: nowSeconds + PROPOSAL_SECONDS }
}

function toFresh(
  request: ApprovalRequest,
  { purchase, space, nowSeconds }: { purchase: string; space: string | undefined; nowSeconds: number },
): KeptProposal {
  const { proposal: id, payment, resumed: _resumed, ...shown } = request
  return {
    ...shown,
    id,
    state: 'pending',
    purchase,
    space,
    resumed: payment,
    createdAtSeconds: nowSeconds,
    expiresAtSeconds: nowSeconds + PROPOSAL_SECONDS,
  }
}

import { bytesToHex } from '@noble/hashes/utils.js'
import {
  changeProposal,
  isEarlier,
  isLive,
  type KeptProposal,
  PROPOSAL_SECONDS,
  placeOf,
  readProposal,
  toApproval,
  toNextId,
} from '../../payment/desk/proposal.js'
import { enterProposal, type FullList, leaveProposal } from '../../payment/desk/proposals.js'
import { digestText } from '../../payment/digest.js'
import type { ApprovalRequest } from '../../payment/limits.js'
import type { PaymentApproval } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { toAddressKey } from '../../wire/address.js'
import type { Approving } from '../approval.js'

/** What someone at a desk says about a payment, or why no one does. */
export type Answer =
  /** With the approval, if it is taken for a new payment. */
  | { readonly is: 'approved'; readonly taken: PaymentApproval | undefined }
  | { readonly is: 'denied'; readonly by: string; readonly reason: string | undefined }
  | { readonly is: 'pending'; readonly id: string; readonly isNew: boolean }
  | Unfit
  | { readonly is: 'full'; readonly list: FullList }

/** Why a call doesn't pay the only proposal that it may pay. */
export type Unfit = { readonly is: 'changed' | 'used' }

type Asking = Pick<Ports, 'ledger' | 'clock' | 'random' | 'purchases'>

/**
 * Names the proposal that a call would make, or that waits for it: as {@link toProposalId}, and another one each time after it was paid.
 *
 * @throws What the ledger throws; nothing was signed.
 */
export async function nameProposal(
  approving: Approving,
  request: Omit<ApprovalRequest, 'proposal'>,
  { ledger, clock }: Pick<Asking, 'ledger' | 'clock'>,
): Promise<string> {
  const id = await toProposalId(approving, request)
  const { kind, key } = placeOf(id)
  return toCurrentId(readProposal(await ledger.get(kind, key)), id, approving, clock.nowSeconds())
}

/** What costs nothing more shares in what was used. */
function toCurrentId(
  found: KeptProposal | undefined,
  id: string,
  { takes = false, isAhead = false }: Pick<Approving, 'takes' | 'isAhead'>,
  nowSeconds: number,
): string {
  if (found?.state !== 'used') return found?.id ?? placeOf(id).key
  return !takes && !isAhead && nowSeconds < found.expiresAtSeconds ? found.id : toNextId(found.id)
}

/** Whether a call may pay no other proposal than one that isn't the one which waits for it. */
export function findUnfit({ call, resumed }: Approving, id: string): Unfit | undefined {
  const only = resumed === undefined ? call.proposal : undefined
  if (only === undefined || only === id) return undefined
  return { is: isEarlier(only, id) ? 'used' : 'changed' }
}

/**
 * Names exactly what an approver is asked: the purchase, what would be paid and from which account, and what may be signed along. Anything
 * else is another proposal. Under a key also the request, since a key names its purchase whatever is asked for under it.
 */
async function toProposalId(
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
 * Looks up what someone at a desk decided about a payment, and proposes it if no one did.
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
  const nowSeconds = clock.nowSeconds()
  const { kind, key } = placeOf(request.proposal)
  const found = readProposal(await ledger.get(kind, key))
  const isNew = found === undefined || !isLive(found, nowSeconds)
  const isShared = approving.takes !== true
  if (isNew) {
    // The same call again may be another purchase, which somebody has to approve again; not the call that was told to pay this one.
    if (found?.state === 'used' && nowSeconds < found.expiresAtSeconds && isShared && !approving.isAhead) return SHARED
    const unfit = findUnfit(approving, toCurrentId(found, key, approving, nowSeconds))
    if (unfit !== undefined) return unfit
    const list = await enterProposal(toEntry(request, ports), most, nowSeconds, ledger)
    if (list !== undefined) return { is: 'full', list }
  }
  const { purchase } = await approving.call.names()
  const fresh = toFresh(request, { purchase, space: ports.purchases.space, nowSeconds })
  const use = bytesToHex(random(8))
  let answer: Answer = { is: 'pending', id: request.proposal, isNew: false }
  await changeProposal(ledger, key, (proposal) => {
    const id = toCurrentId(proposal, key, approving, nowSeconds)
    const unfit = findUnfit(approving, id)
    answer = unfit ?? { is: 'pending', id, isNew: false }
    if (unfit !== undefined) return proposal
    if (proposal === undefined || !isLive(proposal, nowSeconds)) {
      answer = { is: 'pending', id, isNew: true }
      return { ...fresh, id }
    }
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
  // Another call took the approval between the two steps: it waits, and needs no room but that one's.
  if (!isNew && answer.is === 'pending' && answer.isNew) {
    await enterProposal(toEntry(request, ports), Number.POSITIVE_INFINITY, nowSeconds, ledger)
  }
  // Somebody decided between the two steps: it doesn't wait.
  if (isNew && answer.is !== 'pending') await leaveProposal(key, nowSeconds, ledger)
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

function toEntry({ proposal: id, host }: ApprovalRequest, { clock, purchases }: Asking) {
  return { id, host, space: purchases.space, expiresAtSeconds: clock.nowSeconds() + PROPOSAL_SECONDS }
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

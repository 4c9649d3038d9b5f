import { NOT_APPROVED_LATER } from '../errors/catalogue/desk.js'
import { cutLine, type MoneyState, toVisibleLine } from '../errors/x402-error.js'
import { abortable, createAbortError } from '../payment/abort.js'
import type { Call } from '../payment/call.js'
import {
  type Allowed,
  type ApprovalRequest,
  ASK_AT_MOST,
  ASK_LATER,
  type AskApproval,
  type Assessment,
  type Question,
  type Verdict,
} from '../payment/limits.js'
import { moneyOf, type Payment, type PaymentApproval } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import { overAtSeconds } from '../payment/purchase.js'
import { payerOf, type SchemeNetworkClient } from '../payment/scheme.js'
import type { Offer, Selected } from '../payment/steps.js'
import { showTerms, type Terms, toRequirements } from '../payment/terms.js'
import type { Envelope } from '../wire/challenge.js'
import { listAllowances } from './allowances.js'
import { type Answer, askDesk, findUnfit, nameProposal } from './approvers/proposal.js'
import { closeQuestion, openQuestion, type Questioning } from './approvers/question.js'
import type { Assessed, Earlier } from './authorize.js'
import { createPaidError } from './earlier/earlier-errors.js'
import { createDeskError, createDisapprovedError, createFullDeskError, createUnwrittenError } from './limit-errors.js'
import { noteAndTell } from './note.js'

/** Longest part of a tag that whoever approves is shown, in characters. A choice of ours: an agent writes them, and a person reads them. */
const MAX_TAG = 100

/** Why a payment isn't approved: the reason that was given, or what the approver threw. */
export type Disapproval = { readonly reason: string | undefined; readonly cause?: unknown }

/** What an approver is asked about. */
export type Approving = {
  readonly call: Call
  /** The 402; `undefined` when it can't be read, which doesn't matter for a payment that is presented again. */
  readonly envelope: Envelope | undefined
  readonly terms: Terms
  /** As the scheme takes them. @default made from the terms */
  readonly requirements?: Offer['requirements'] | undefined
  /** Most that others can take with the signature, in atomic units. */
  readonly exposure: bigint
  readonly scheme: SchemeNetworkClient | undefined
  /** The payment that is presented again. */
  readonly resumed?: string | undefined
  /** Who approved that one at a desk: for presenting it again no one there is asked again. */
  readonly approval?: PaymentApproval | undefined
  /** A new payment takes what was approved at a desk, so that it pays once. @default it is left as it is */
  readonly takes?: boolean | undefined
  /** Nothing is paid yet: it is proposed ahead of its call. */
  readonly isAhead?: boolean | undefined
  /** The earlier payment of the same purchase, which may have been taken. */
  readonly perhapsPaid?: string | undefined
  /** Where the money of the payment is that is presented again, or that may have been taken. @default 'untouched' */
  readonly money?: MoneyState | undefined
}

/** What those who approve payments said. */
export type Agreed =
  | { readonly disapproval: Disapproval }
  /** All said yes; with what was approved at a desk and taken for a new payment. */
  | { readonly disapproval: undefined; readonly taken?: PaymentApproval | undefined }

/**
 * Asks everyone who approves payments, in their order, showing exactly the terms that are then signed; and last the desk, for those who say that
 * someone decides there.
 *
 * @returns The first no, or that all say yes. An approver that throws says no.
 * @throws {@link LimitError} `ASKED_TOO_OFTEN` when they were asked often and said yes to nothing, `APPROVAL_PENDING` when no one at a desk has
 * decided, `PROPOSAL_CHANGED` or `PROPOSAL_USED`; {@link SigningError} `ABORTED` when the call is aborted meanwhile.
 */
export async function askForApproval(
  approving: Approving,
  allowed: Allowed & Assessment,
  ports: Asking,
): Promise<Agreed> {
  const { approvals = [] } = allowed
  const only = approving.resumed === undefined ? approving.call.proposal : undefined
  if (approvals.length === 0 && only === undefined) return { disapproval: undefined }
  const request = await toRequest(approving, allowed, ports)
  const unfit = findUnfit(approving, request.proposal)
  if (unfit !== undefined) throw createDeskError(toRefused(approving, allowed), unfit.is, only ?? '')
  const asked: Said[] = []
  for (const approve of approvals) {
    const said = approve === ASK_LATER ? LATER : await askOne(approve, request, approving, allowed, ports)
    if ('disapproval' in said) return said
    asked.push(said)
  }
  const isLater = only !== undefined || asked.some((said) => said.isLater)
  if (!isLater || approving.approval !== undefined) return { disapproval: undefined }
  const questions = asked.flatMap(({ question }) => question ?? [])
  return askLater({ approving, allowed, request, questions }, ports)
}

/** What it takes to ask them all. */
type Asking = Questioning & Pick<Ports, 'ledger' | 'random' | 'purchases' | 'emit'>

type Said = { readonly isLater: boolean; readonly question?: Question | undefined }

const LATER: Said = { isLater: true }

async function askOne(
  approve: AskApproval,
  request: ApprovalRequest,
  approving: Approving,
  allowed: Allowed & Assessment,
  ports: Asking,
): Promise<Said | { readonly disapproval: Disapproval }> {
  const question = await openQuestion(approve, approving, allowed, ports)
  let isYes = false
  try {
    const verdict = await ask(() => approve(request), approving)
    if ('cause' in verdict) return { disapproval: { reason: undefined, cause: verdict.cause } }
    isYes = verdict.approved
    if (verdict.isLater) return { isLater: true, question }
    return isYes ? { isLater: false } : { disapproval: { reason: verdict.reason } }
  } finally {
    closeQuestion(question, isYes, ports.questions)
  }
}

/** What is asked at a desk. */
type AskedLater = {
  readonly approving: Approving
  readonly allowed: Allowed & Assessment
  readonly request: ApprovalRequest
  /** Those of the approver who said that someone decides there. */
  readonly questions: readonly Question[]
}

async function askLater({ approving, allowed, request, questions }: AskedLater, ports: Asking): Promise<Agreed> {
  const { call } = approving
  const refused = toRefused(approving, allowed)
  if (call.url === undefined && call.key === undefined) return { disapproval: { reason: NOT_APPROVED_LATER } }
  let answer: Answer
  try {
    answer = await askDesk(approving, request, allowed.askAtMost ?? ASK_AT_MOST, ports)
  } catch (cause) {
    throw createUnwrittenError(refused, cause)
  }
  // Who is asked about a proposal once more isn't asked too often: a call that waits asks again and again.
  const isKnown = answer.is !== 'full' && !(answer.is === 'pending' && answer.isNew)
  if (isKnown) for (const question of questions) ports.questions.delete(question)
  switch (answer.is) {
    case 'approved':
      return { disapproval: undefined, taken: answer.taken }
    case 'denied':
      return { disapproval: { reason: toWhy(answer) } }
    case 'full':
      throw createFullDeskError(refused, answer.list)
    case 'changed':
    case 'used':
      throw createDeskError(refused, answer.is, call.proposal ?? '')
    default: {
      const { id } = answer
      if (answer.isNew) ports.emit('proposed', () => toProposed({ ...request, proposal: id }))
      throw createDeskError(refused, 'pending', id)
    }
  }
}

function toWhy({ by, reason }: { readonly by: string; readonly reason: string | undefined }): string {
  return reason === undefined ? `by ${by}` : `by ${by}: ${reason}`
}

/** What listeners are told of a new proposal. */
export function toProposed({
  proposal,
  resource,
  payer,
  scheme,
  network,
  asset,
  payTo,
  amount,
  price,
  dollars,
}: ApprovalRequest) {
  return {
    proposal,
    terms: Object.freeze({ scheme, network, asset, payTo, amount, price, dollars, resource, payer }),
  }
}

/** What an error says of it. */
export function toRefused({ call, terms, exposure, money }: Approving, assessment: Assessment) {
  return { call, terms, assessment, exposure, money }
}

/** Makes what an approver is shown. */
export async function toRequest(
  approving: Approving,
  assessment: Allowed & Assessment,
  ports: Pick<Asking, 'ledger' | 'clock'>,
): Promise<ApprovalRequest> {
  const { call, envelope, terms, requirements, exposure, scheme, resumed, perhapsPaid } = approving
  const { notation } = assessment
  const isNew = scheme !== undefined && resumed === undefined
  const request = {
    ...showTerms(terms, notation),
    resource: call.resource,
    host: call.host || undefined,
    method: call.method,
    payer: scheme && payerOf(scheme),
    exposure: String(exposure),
    allowances: Object.freeze(
      isNew ? [...listAllowances(scheme, requirements ?? toRequirements(terms), envelope?.extensions)] : [],
    ),
    tags: Object.freeze(call.tags.map((tag) => cutLine(toVisibleLine(tag), MAX_TAG))),
    sellerSays: call.cite(envelope?.resource?.['description']),
    resumed: resumed !== undefined,
    payment: resumed,
    perhapsPaid,
  }
  try {
    return Object.freeze({ ...request, proposal: await nameProposal(approving, request, ports) })
  } catch (cause) {
    throw createUnwrittenError(toRefused(approving, assessment), cause)
  }
}

async function ask(
  approve: () => ReturnType<AskApproval>,
  { call, money = 'untouched' }: Approving,
): Promise<Verdict | { readonly cause: unknown }> {
  try {
    return await abortable(approve(), call.signal)
  } catch (cause) {
    if (call.signal?.aborted) throw createAbortError(call, money)
    return { cause }
  }
}

/**
 * Asserts that everyone who approves payments agrees to this one. When an earlier payment of the purchase may have been taken, that means
 * agreeing to pay twice, perhaps.
 *
 * @returns What was approved at a desk and taken for this payment, if anything was.
 * @throws {@link LimitError} `NOT_APPROVED`, or as {@link askForApproval} does; {@link DeliveryError} `PAID_PERHAPS` when it may mean paying twice
 * and there is no one to ask.
 */
export async function assertAgreed(
  selected: Selected,
  allowed: Assessed,
  earlier: Earlier,
  ports: Ports,
): Promise<PaymentApproval | undefined> {
  const { challenge, offer, registration, exposure } = selected
  const { call, envelope } = challenge
  const { requirements, terms } = offer
  const paid = earlier.isPerhaps ? earlier.payments[0] : undefined
  const isAsked = (allowed.approvals ?? []).length > 0
  // Only an approver can agree to pay twice, perhaps.
  if (paid !== undefined && !isAsked) {
    throw createPaidError(call, paid, overAtSeconds(paid, ports.resign === 'when-over'), ports)
  }
  const money = paid && moneyOf(paid)
  const approving = {
    call,
    envelope,
    terms,
    requirements,
    exposure,
    scheme: registration.scheme,
    perhapsPaid: paid?.id,
    money,
    takes: true,
  }
  const agreed = await askForApproval(approving, allowed, ports)
  if (agreed.disapproval === undefined) return agreed.taken
  throw createDisapprovedError({ call, terms, assessment: allowed, exposure, money }, agreed.disapproval)
}

/**
 * Ends the purchases of earlier payments that brought nothing, since the same thing is bought again. The payments still count.
 *
 * If the ledger can't be told, the next call finds them once more, and nothing worse, so that is a warning.
 */
export async function noteBoughtAgain(earlier: readonly Payment[], call: Call, ports: Ports): Promise<void> {
  for (const { id } of earlier) {
    ports.emit('bought-again', () => ({ payment: id, resource: call.resource }))
    try {
      const event = { type: 'forgotten' } as const
      await noteAndTell(id, event, ports)
    } catch (cause) {
      const message = `The ledger could not note that what payment ${id} paid for is bought again.`
      ports.warn({ code: 'LEDGER_BEHIND', message, cause })
    }
  }
}

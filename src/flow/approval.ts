import type { LimitError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import { abortable, createAbortError } from '../payment/abort.js'
import type { Call } from '../payment/call.js'
import {
  type Allowed,
  type ApprovalRequest,
  ASK_AT_MOST,
  type AskApproval,
  type Assessment,
} from '../payment/limits.js'
import { moneyOf, type Payment } from '../payment/payment.js'
import type { Ports, Question } from '../payment/ports.js'
import { overAtSeconds } from '../payment/purchase.js'
import { payerOf, type SchemeNetworkClient } from '../payment/scheme.js'
import type { Offer, Selected } from '../payment/steps.js'
import { showTerms, type Terms, toRequirements } from '../payment/terms.js'
import type { Envelope } from '../wire/challenge.js'
import { listAllowances } from './allowances.js'
import type { Assessed, Earlier } from './authorize.js'
import { createPaidError } from './earlier/earlier-errors.js'
import { createDisapprovedError, createUnaskedError } from './limit-errors.js'
import { noteAndTell } from './note.js'

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
  /** The earlier payment of the same purchase, which may have been taken. */
  readonly perhapsPaid?: string | undefined
  /** Where the money of the payment is that is presented again, or that may have been taken. @default 'untouched' */
  readonly money?: MoneyState | undefined
}

/**
 * Asks everyone who approves payments, in their order, showing exactly the terms that are then signed.
 *
 * @returns The first no; `undefined` when all say yes. An approver that throws says no.
 * @throws {@link LimitError} `ASKED_TOO_OFTEN` when they were asked often and said yes to nothing; {@link SigningError} `ABORTED` when the call is
 * aborted meanwhile.
 */
export async function askForApproval(
  approving: Approving,
  allowed: Allowed & Assessment,
  ports: Asking,
): Promise<Disapproval | undefined> {
  const { approvals = [] } = allowed
  if (approvals.length === 0) return undefined
  const request = toRequest(approving, allowed)
  for (const approve of approvals) {
    const question = await openQuestion(approve, approving, allowed, ports)
    let disapproval: Disapproval | undefined = { reason: undefined }
    try {
      disapproval = await ask(() => approve(request), approving)
    } finally {
      closeQuestion(question, disapproval === undefined, ports.questions)
    }
    if (disapproval !== undefined) return disapproval
  }
  return undefined
}

/** What it takes to know how often whoever approves was asked. */
type Asking = Pick<Ports, 'questions' | 'clock' | 'wait' | 'isRestricted'>

/** How long a question without a yes counts, in milliseconds. */
const QUESTION_MS = 60_000

/** How many times as many questions may be asked about all hosts as about one. Source: a choice of ours; sellers can have many names. */
const HOSTS = 3

/** How many times to look for room, and the pause between looks, in milliseconds: a rule that answers at once makes some in these two seconds. */
const MAX_LOOKS = 20
const LOOK_PAUSE_MS = 100

/**
 * Counts a question, so that a flood of 402s isn't one of questions. Only those count that wait for their answer or got no yes: who says yes, a
 * person or a rule, is asked as often as there is something to buy.
 */
async function openQuestion(
  by: AskApproval,
  approving: Approving,
  allowed: Allowed & Assessment,
  ports: Asking,
): Promise<Question> {
  const { call, money = 'untouched' } = approving
  for (let looks = 1; ; looks++) {
    const opened = tryToOpen(by, call.host, allowed.askAtMost ?? ASK_AT_MOST, ports)
    if (!('full' in opened)) return opened
    if (opened.isHopeless || looks === MAX_LOOKS) throw createFloodError(opened, approving, allowed, ports)
    await ports.wait(LOOK_PAUSE_MS, call.signal)
    if (call.signal?.aborted) throw createAbortError(call, money)
  }
}

/** There is no room for another question now. It is hopeless to wait a little where it was filled by answers. */
type Flood = { readonly full: Full; readonly isHopeless: boolean; readonly seconds: number }

function tryToOpen(by: AskApproval, host: string, most: number, { questions, clock }: Asking): Question | Flood {
  const nowMs = clock.monotonicMs()
  const question = { by, host, atMs: nowMs, isPending: true, isLatest: true }
  if (most === Number.POSITIVE_INFINITY) return question
  for (const one of questions) if (!one.isPending && nowMs - one.atMs >= QUESTION_MS) questions.delete(one)
  const full = findFull(question, most, questions)
  if (full === undefined) {
    questions.add(question)
    return question
  }
  const isHopeless = full.asked.filter(({ isPending }) => !isPending).length >= full.most
  // One that waits for its answer doesn't age.
  const oldest = full.asked.find(({ isPending }) => !isPending)
  const leftMs = QUESTION_MS - (nowMs - (oldest?.atMs ?? nowMs))
  return { full, isHopeless, seconds: Math.max(1, Math.ceil(leftMs / 1000)) }
}

function createFloodError(
  { full, seconds }: Flood,
  { call, terms, exposure, money }: Approving,
  assessment: Assessment,
  ports: Asking,
): LimitError {
  const words = { times: full.asked.length, whom: full.whom, seconds }
  return createUnaskedError({ call, terms, assessment, exposure, money }, words, ports)
}

type Full = { readonly asked: readonly Question[]; readonly most: number; readonly whom: string }

function findFull({ by, host }: Question, most: number, questions: ReadonlySet<Question>): Full | undefined {
  const all = [...questions].filter((one) => one.by === by)
  const own = all.filter((one) => one.host === host)
  if (own.length >= most) return { asked: own, most, whom: host || 'an unknown host' }
  const latest = all.filter(({ isLatest }) => isLatest)
  return latest.length >= most * HOSTS ? { asked: latest, most: most * HOSTS, whom: 'all hosts' } : undefined
}

/** A yes shows that whoever approves is there and wants what is sold: what was asked about its host before counts no more. */
function closeQuestion(question: Question, isYes: boolean, questions: Set<Question>): void {
  question.isPending = false
  if (!isYes) return
  for (const one of questions) {
    if (one.isPending || one.by !== question.by) continue
    if (one.host === question.host) questions.delete(one)
    else one.isLatest = false
  }
}

function toRequest(
  { call, envelope, terms, requirements, exposure, scheme, resumed, perhapsPaid }: Approving,
  { notation }: Assessment,
): ApprovalRequest {
  const isNew = scheme !== undefined && resumed === undefined
  return Object.freeze({
    ...showTerms(terms, notation),
    resource: call.resource,
    host: call.host || undefined,
    method: call.method,
    payer: scheme && payerOf(scheme),
    exposure: String(exposure),
    allowances: Object.freeze(
      isNew ? [...listAllowances(scheme, requirements ?? toRequirements(terms), envelope?.extensions)] : [],
    ),
    tags: call.tags,
    sellerSays: call.cite(envelope?.resource?.['description']),
    resumed: resumed !== undefined,
    payment: resumed,
    perhapsPaid,
  })
}

async function ask(
  approve: () => ReturnType<AskApproval>,
  { call, money = 'untouched' }: Approving,
): Promise<Disapproval | undefined> {
  try {
    const { approved, reason } = await abortable(approve(), call.signal)
    return approved ? undefined : { reason }
  } catch (cause) {
    if (call.signal?.aborted) throw createAbortError(call, money)
    return { reason: undefined, cause }
  }
}

/**
 * Asserts that everyone who approves payments agrees to this one. When an earlier payment of the purchase may have been taken, that means
 * agreeing to pay twice, perhaps.
 *
 * @throws {@link LimitError} `NOT_APPROVED`; {@link DeliveryError} `PAID_PERHAPS` when it may mean paying twice and there is no one to ask.
 */
export async function assertAgreed(
  selected: Selected,
  allowed: Assessed,
  earlier: Earlier,
  ports: Ports,
): Promise<void> {
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
  }
  const disapproval = await askForApproval(approving, allowed, ports)
  if (disapproval === undefined) return
  throw createDisapprovedError({ call, terms, assessment: allowed, exposure, money }, disapproval)
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

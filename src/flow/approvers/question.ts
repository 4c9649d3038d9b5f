import type { LimitError } from '../../errors/step-errors.js'
import { createAbortError } from '../../payment/abort.js'
import { type Allowed, ASK_AT_MOST, type AskApproval, type Assessment, type Question } from '../../payment/limits.js'
import type { Ports } from '../../payment/ports.js'
import type { Approving } from '../approval.js'
import { createUnaskedError } from '../limit-errors.js'

/** What it takes to know how often an approver was asked. */
export type Questioning = Pick<Ports, 'questions' | 'clock' | 'wait' | 'isRestricted'>

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
export async function openQuestion(
  by: AskApproval,
  approving: Approving,
  allowed: Allowed & Assessment,
  ports: Questioning,
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

function tryToOpen(by: AskApproval, host: string, most: number, { questions, clock }: Questioning): Question | Flood {
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
  ports: Questioning,
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

/** A yes shows that the approver is there and wants what is sold: what was asked about its host before counts no more. */
export function closeQuestion(question: Question, isYes: boolean, questions: Set<Question>): void {
  question.isPending = false
  if (!isYes) return
  for (const one of questions) {
    if (one.isPending || one.by !== question.by) continue
    if (one.host === question.host) questions.delete(one)
    else one.isLatest = false
  }
}

import { ABORTED_JOB, JOB_ELSEWHERE, JOB_NOT_DONE, JOB_UNPAID } from '../../errors/catalogue/job.js'
import { fail } from '../../errors/fail.js'
import { assertOptions, invalidOption } from '../../errors/options.js'
import type { DeliveryError } from '../../errors/step-errors.js'
import { isX402Error, type MoneyState } from '../../errors/x402-error.js'
import { abortable, anySignal, createDeadline, toAbortName } from '../../payment/abort.js'
import type { AskJob, Job, JobResponse, JobStart, SavedJob, WaitOptions } from '../../payment/job/job.js'
import { moneyOf, type Payment } from '../../payment/payment.js'
import type { Ports } from '../../payment/ports.js'
import { attachPayment } from '../../payment/summary.js'
import { showTerms } from '../../payment/terms.js'
import { readOrigin } from '../../wire/host.js'
import { isJsonObject } from '../../wire/json.js'
import { toDisplayUrl } from '../../wire/resource-url.js'
import { isGood, judgeReceipt } from '../judge.js'
import { noteAndTell } from '../note.js'

/** The longest wait unless its caller says otherwise, in milliseconds. */
const WAIT_MS = 600_000

/** Pauses where the seller names none, in milliseconds: the first, and the longest, each twice the one before. */
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000

/** The shortest pause, in milliseconds: a seller that asks for none would be asked as fast as it responds. */
const LEAST_PAUSE_MS = 100

/** The longest that a timer takes, in milliseconds: 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Redirects in a row that are followed at once. */
const MAX_REDIRECTS = 5

/** Statuses that mean "not yet". Source: as the corridor takes them, and those of a gateway whose seller is busy. */
const LATER = new Set([202, 408, 425, 429, 502, 503, 504])

/**
 * Creates a job: what waits for a response that comes later, and writes down that it was delivered.
 *
 * @param start - Where it is, and which payment it belongs to; it may come from another process.
 * @param ask - Asks once.
 * @throws {@link ConfigurationError} `INVALID_OPTION` when a saved job isn't one.
 */
export function createJob<Native extends object>(start: JobStart, ask: AskJob<Native>, ports: Ports): Job<Native> {
  const { payment, url, origin } = readStart(start)
  const saved: SavedJob = Object.freeze({ payment, url, origin })
  return Object.freeze({
    payment,
    url,
    wait: (options: WaitOptions<Native> = {}) => wait({ ...saved, pauseMs: start.pauseMs }, ask, options, ports),
    toJSON: () => saved,
  })
}

function readStart(start: unknown): JobStart {
  const { payment, url, origin } = isJsonObject(start) ? start : {}
  const isWeb = typeof url === 'string' && URL.canParse(url) && /^https?:/i.test(url)
  if (isWeb && typeof payment === 'string' && typeof origin === 'string') return { payment, url, origin }
  throw invalidOption('job', 'what `JSON.stringify(job)` made, parsed')
}

/** One wait, and what ends it. */
type Waiting<Native extends object> = {
  readonly start: SavedJob
  readonly ask: AskJob<Native>
  readonly money: MoneyState
  /** The caller's own. */
  readonly signal: AbortSignal | undefined
  /** The same, or that it took too long. */
  readonly until: AbortSignal | undefined
  readonly isPending: WaitOptions<Native>['isPending']
}

/** Where to ask next, and when. */
type Place = {
  readonly url: string
  readonly pauseMs: number
  /** Redirects in a row. */
  readonly redirects: number
  /** Why nothing came the last time. */
  readonly cause: unknown
}

type Answer<Native extends object> = { readonly native: Native; readonly response: JobResponse<Native> }

async function wait<Native extends object>(
  start: JobStart,
  ask: AskJob<Native>,
  options: WaitOptions<Native>,
  ports: Ports,
): Promise<Native> {
  const read = readOptions(options)
  ports.underWay.count(1)
  try {
    return await waitUntil(start, ask, read, ports)
  } finally {
    ports.underWay.count(-1)
  }
}

async function waitUntil<Native extends object>(
  start: JobStart,
  ask: AskJob<Native>,
  { signal, isPending, timeoutMs }: ReturnType<typeof readOptions<Native>>,
  ports: Ports,
): Promise<Native> {
  const payment = await findPayment(start, ports)
  const money = payment === undefined ? 'in-doubt' : moneyOf(payment)
  const deadline = createDeadline(timeoutMs, 'The seller was not done in time.')
  const waiting = { start, ask, money, signal, until: anySignal(signal, deadline?.signal), isPending }
  let place: Place = { url: start.url, pauseMs: start.pauseMs ?? 0, redirects: 0, cause: undefined }
  try {
    for (let turn = 0; ; turn++) {
      if (place.pauseMs > 0) await ports.wait(Math.min(place.pauseMs, LONGEST_TIMER_MS), waiting.until)
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(turn, 16), LONGEST_PAUSE_MS)
      const found = await askOnce(place, pauseMs, waiting)
      if ('response' in found) return await conclude(found, payment, ports)
      place = found
    }
  } finally {
    deadline?.clear()
  }
}

async function askOnce<Native extends object>(
  place: Place,
  pauseMs: number,
  waiting: Waiting<Native>,
): Promise<Place | Answer<Native>> {
  const { ask, until } = waiting
  const url = toSameOrigin(new URL(place.url), waiting)
  let response: JobResponse<Native>
  try {
    until?.throwIfAborted()
    response = await abortable(ask(url.href, until), until)
  } catch (cause) {
    if (until?.aborted) throw createEndError(waiting, place.cause)
    if (isX402Error(cause)) throw cause
    // To ask again where a job is does no harm.
    return { ...place, pauseMs, cause }
  }
  const next = readNext(response, place, pauseMs, waiting)
  if (next !== undefined) return next
  const native = await response.hand()
  if (!(await asksForMore(native, waiting, place))) return { native, response }
  response.discard()
  return { ...place, pauseMs, redirects: 0 }
}

/** What the caller says of a response; it may read a body that never ends. */
async function asksForMore<Native extends object>(native: Native, waiting: Waiting<Native>, { cause }: Place) {
  const { isPending, until } = waiting
  try {
    return isPending !== undefined && (await abortable(Promise.resolve(isPending(native)), until))
  } catch (error) {
    throw until?.aborted ? createEndError(waiting, cause) : error
  }
}

/** Reads where to ask next; `undefined` when this is the answer. What isn't is discarded. */
function readNext<Native extends object>(
  response: JobResponse<Native>,
  place: Place,
  pauseMs: number,
  waiting: Waiting<Native>,
): Place | undefined {
  const { status, location } = response
  const asked = Math.max(response.pauseMs ?? pauseMs, LEAST_PAUSE_MS)
  const isLater = LATER.has(status) || response.pauseMs !== undefined
  if (status !== 402 && location === undefined && !isLater) return undefined
  response.discard()
  if (status === 402) throw fail(JOB_UNPAID, { money: waiting.money, facts: toFacts(waiting.start) })
  if (location === undefined) return { ...place, pauseMs: asked, redirects: 0 }
  if (location === 'hidden') throw createElsewhereError(undefined, waiting)
  const url = toSameOrigin(location, waiting).href
  if (status === 202) return { ...place, url, pauseMs: asked, redirects: 0 }
  return { ...place, url, pauseMs: place.redirects < MAX_REDIRECTS ? 0 : pauseMs, redirects: place.redirects + 1 }
}

function readOptions<Native extends object>(options: WaitOptions<Native>) {
  assertOptions(options, 'wait', ['signal', 'timeoutMs', 'isPending'])
  const { signal, isPending, timeoutMs = WAIT_MS } = options as WaitOptions<Native> // its keys were just checked
  const isTime = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31
  if (!isTime) throw invalidOption('wait.timeoutMs', 'a positive number of milliseconds')
  if (isPending !== undefined && typeof isPending !== 'function') throw invalidOption('wait.isPending', 'a function')
  return { signal, isPending, timeoutMs }
}

/**
 * In another process the ledger may know nothing of it; the job is followed all the same. A saved job is anyone's word: nothing is told of a
 * payment that went to another seller, nor, by a restricted client, of one that it neither made nor presented.
 */
async function findPayment(
  { payment: id, origin }: SavedJob,
  { ledger, label, presented }: Ports,
): Promise<Payment | undefined> {
  const seller = readOrigin(origin)
  const isPresented = label !== undefined && presented.get(id)?.call.tags.includes(label)
  const tag = isPresented ? undefined : label
  try {
    for await (const payment of ledger.list({ states: ['sent', 'settled'], tag })) {
      if (payment.id === id) return payment.call.origin === seller ? payment : undefined
    }
  } catch {
    // What the ledger can't say is not needed to ask for what was bought.
  }
  return undefined
}

/** Whatever is wrong with the ledger or the receipt, what was bought is handed over (R7). */
async function conclude<Native extends object>(
  { native, response: { status, receipt, watchBody } }: Answer<Native>,
  payment: Payment | undefined,
  ports: Ports,
): Promise<Native> {
  if (payment === undefined) return native
  const { id, payer, call } = payment
  const judged = judgeReceipt(receipt, { payment, payer })
  const isDelivered = status >= 200 && status < 300
  let noted = payment
  try {
    const transaction = judged.state === 'verified' ? judged.response?.transaction : undefined
    const isSettled = judged.state === 'verified'
    if (isDelivered) noted = await noteAndTell(id, { type: 'delivered', status, transaction, isSettled }, ports)
    // Whoever asks for what was promised gets nothing by these, however good the receipt is.
    const isEmpty = status === 204 || status === 205
    if (isDelivered && !isEmpty && watchBody !== undefined) watchBody(ports.circuit.presume(call.origin, id))
    else if (isDelivered || isGood(judged)) ports.circuit.note(call.origin, id, isDelivered && !isEmpty)
  } catch (cause) {
    const message = `The ledger could not note what became of payment ${id}.`
    ports.warn({ code: 'LEDGER_BEHIND', message, cause })
  }
  const terms = { ...showTerms(noted.terms, noted.notation), resource: call.resource, payer }
  const { transaction, delivery } = noted
  return attachPayment(native, {
    id,
    money: moneyOf(noted),
    delivery,
    terms,
    receipt: judged,
    transaction,
    error: undefined,
  })
}

type Ending = Pick<Waiting<object>, 'start' | 'money' | 'signal'>

function toSameOrigin(url: URL, waiting: Ending): URL {
  if (url.origin === waiting.start.origin) return url
  throw createElsewhereError(url, waiting)
}

function createElsewhereError(url: URL | undefined, { start, money }: Ending): DeliveryError {
  return fail(JOB_ELSEWHERE, { money, facts: { ...toFacts(start), 'led to': url && toDisplayUrl(url) } })
}

function createEndError({ start, money, signal }: Ending, cause: unknown): DeliveryError {
  const facts = toFacts(start)
  if (!signal?.aborted) return fail(JOB_NOT_DONE, { money, facts, cause })
  return fail(ABORTED_JOB, { money, facts, name: toAbortName(signal.reason), cause: signal.reason })
}

function toFacts({ url, payment }: SavedJob) {
  return { job: toDisplayUrl(new URL(url)), payment }
}

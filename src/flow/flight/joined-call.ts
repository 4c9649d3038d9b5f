import { COPY_FELL_BEHIND, PURCHASE_KEY_REUSED, PURCHASE_UNDER_WAY } from '../../errors/catalogue/delivery.js'
import { fail } from '../../errors/fail.js'
import { SigningError } from '../../errors/step-errors.js'
import { isX402Error, type X402Error } from '../../errors/x402-error.js'
import { abortable, anySignal, createAbortError, createDeadline } from '../../payment/abort.js'
import type { Call } from '../../payment/call.js'
import { isPromise, toOneText } from '../../payment/digest.js'
import type { PayableRequest } from '../../payment/exchange.js'
import type { Flight, Joined } from '../../payment/flight/flight.js'
import { loadPart } from '../../payment/part.js'
import type { Ports } from '../../payment/ports.js'
import type { PurchaseNames } from '../../payment/purchase.js'
import { CHANGING_HEADERS } from '../../payment/purchase-name.js'
import { paymentOf } from '../../payment/summary.js'
import type { Terms } from '../../payment/terms.js'
import type { Progress } from '../pay.js'
import { type ReadChallenge, withSignal } from '../read.js'
import { type Splitting, splitBody, splitForLater } from './split-body.js'

/** A call that shares its purchase with equal ones in flight, and what pays it if there are none. */
export type SharedCall<Native> = {
  readonly challenged: ReadChallenge
  readonly inFlight: Flight['inFlight']
  readonly request: PayableRequest<Native>
  readonly progress: Progress
  start(challenged: ReadChallenge): Promise<Native>
}

/**
 * Gives a call a copy of the response that an equal one in flight is paying for, or pays for it. This is the one place where calls share.
 *
 * The limits of the joining call that don't depend on what was spent are asked first, and so is everyone who approves. Its abort ends its own
 * wait alone. Where the other call gives up before it has a response, or is refused by what holds for it alone, this one goes on by itself:
 * a payment that left is presented again.
 *
 * @throws {@link DeliveryError} `PURCHASE_UNDER_WAY` when the response isn't this call's to have, `PURCHASE_KEY_REUSED` when the key names
 * another request; {@link LimitError} when this call may not buy it; what the other call's payment came to.
 */
export async function joinOrStart<Native extends object>(shared: SharedCall<Native>, ports: Ports): Promise<Native> {
  const { challenged, progress } = shared
  const [{ call }, { answered }] = [challenged, progress]
  const naming = call.names()
  // Without a wait where there is none: a limit is everyone's who comes at once, and not only of those who join no other.
  const flight = toFlight(isPromise(naming) ? await naming : naming, shared, ports)
  let drained: Promise<unknown> | undefined
  let agreed: Promise<Terms | undefined> | undefined
  while (true) {
    const joined = ports.flights.join(flight)
    if (joined === undefined) return startFlight(flight, shared, ports)
    if (!('response' in joined)) throw createRefusedJoin(joined, call)
    try {
      // Most calls join no other.
      const { assertJoinable, assertPaidTerms } = await loadPart(import('./joined-limits.js'))
      agreed ??= assertJoinable(challenged, ports)
      await agreed
      // The 402 lets go of its connection, and is kept for an error that shows it.
      drained ??= answered?.drain(Promise.resolve()).catch(() => undefined)
      const response = await takeResponse(joined, shared)
      await drained
      progress.answered = answered
      if (response === GAVE_UP) continue
      await assertPaidTerms(response, await agreed, challenged, ports)
      return response as Native // only responses of the same wrapper are joined
    } catch (error) {
      joined.leave()
      throw error
    }
  }
}

/** The other call has no response that this one could share, so this one goes on by itself. */
const GAVE_UP = Symbol('gave up')

async function takeResponse<Native extends object>(
  joined: Extract<Joined, { response: unknown }>,
  shared: SharedCall<Native>,
): Promise<object | typeof GAVE_UP> {
  const { paidTimeoutMs, joinedTimeoutMs = paidTimeoutMs } = shared.request
  const deadline = createDeadline(joinedTimeoutMs, 'The paid request of the other call was not answered in time.')
  const { answered } = shared.progress
  shared.progress.answered = undefined
  try {
    return await waitFor(joined, shared, answered, deadline?.signal)
  } finally {
    deadline?.clear()
  }
}

async function waitFor<Native extends object>(
  joined: Extract<Joined, { response: unknown }>,
  shared: SharedCall<Native>,
  answered: Progress['answered'],
  ownTime: AbortSignal | undefined,
): Promise<object | typeof GAVE_UP> {
  const { call } = shared.challenged
  const stall = joined.isStalled() ? createDeadline(MAX_STALL_MS, 'The other call has not paid yet.') : undefined
  try {
    const came = await abortable(joined.response, anySignal(anySignal(call.signal, ownTime), stall?.signal))
    if (came !== undefined) return came
  } catch (error) {
    if (call.signal?.aborted) throw createAbortError(call, 'untouched')
    if (ownTime?.aborted) throw createRefusedJoin({ money: 'in-doubt' }, call, error)
    if (stall?.signal.aborted !== true) {
      if (isShared(error, joined.isOwn)) throw error
      return GAVE_UP
    }
    if (!joined.isStalled()) return waitFor(joined, shared, answered, ownTime)
    shared.progress.answered = answered
    throw createRefusedJoin({ money: 'untouched' }, call)
  } finally {
    stall?.clear()
  }
  throw createRefusedJoin({ money: 'in-doubt' }, call)
}

/**
 * How long a call waits for another client's that has sent nothing yet, in milliseconds: whoever approves that may never answer. As long as for
 * a payment that another call is about to present.
 */
const MAX_STALL_MS = 5_000

function toFlight<Native extends object>(
  { purchase, coarse }: PurchaseNames,
  { challenged, inFlight, request, progress }: SharedCall<Native>,
  ports: Ports,
): Flight {
  const { call } = challenged
  let later: Later | undefined
  const write = (headers: readonly string[]) =>
    toOneText(headers.map((name) => omitBoundary(request.given.header?.(name) ?? '')))
  return {
    purchase,
    variant: call.key === undefined ? write(VARYING_HEADERS) : '',
    request: call.key === undefined ? undefined : coarse,
    client: ports,
    isRestricted: ports.isRestricted,
    credentials: ports.purchases.buyers === 'one' ? '' : write(CHANGING_HEADERS),
    inFlight,
    isAhead: challenged.challenge?.isRemembered === true,
    hasLeft: () => progress.hasLeft,
    exchange: request,
    share(response, others) {
      const keepLater = (made: Later) => {
        later = made
      }
      return shareResponse(response as Native, others, request, call, keepLater) // of this request
    },
    shareLater(onEnd) {
      if (later === undefined) return undefined
      const untilMs = ports.clock.monotonicMs() + MAX_FLOW_MS
      later.onEnd = onEnd
      return () => (ports.clock.monotonicMs() < untilMs ? later?.copy() : undefined)
    },
    shareError: (error, others) => shareError(error, others, request, call),
  }
}

/** The boundary of a form is another one each time that the same form is written. */
function omitBoundary(value: string): string {
  return value.startsWith('multipart/') ? value.replace(/;\s*boundary=(?:"[^"]*"|[^;]*)/i, '') : value
}

/** For how long a body that flows is handed out to calls that ask again, in milliseconds: one that its reader forgot never ends. */
const MAX_FLOW_MS = 600_000

/** Hands out a response while its body is read. */
type Later = { copy(): object | undefined; onEnd: (() => void) | undefined }

/**
 * What a seller chooses its words by. They don't name a purchase, but a call that asks for JSON is given no HTML, and one in a session of MCP nothing
 * that belongs to another.
 */
const VARYING_HEADERS = ['accept', 'accept-language', 'content-type', 'mcp-session-id']

/** Runs the purchase under a signal of its own: once others have the response, the caller's ends no more than the caller's part of it. */
async function startFlight<Native extends object>(
  flight: Flight,
  { challenged, start }: SharedCall<Native>,
  { flights }: Ports,
): Promise<Native> {
  const { signal } = challenged.call
  if (signal === undefined) return flights.run(flight, () => start(challenged))
  const own = new AbortController()
  const abort = () => own.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  try {
    return await flights.run(flight, () => start(withSignal(challenged, own.signal)))
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Nothing is thrown: the response is paid, and an error would lose it (R7). */
function shareResponse<Native extends object>(
  response: Native,
  others: number,
  request: PayableRequest<Native>,
  { signal, resource }: Call,
  keepLater?: (later: Later) => void,
): readonly Native[] {
  if (others === 0 && signal === undefined && keepLater === undefined) return [response]
  try {
    const split = splitResponse()
    if (split !== undefined) return split
  } catch {
    // No stream can be made here; then the platform's own copies have to do.
  }
  try {
    return [response, ...Array.from({ length: others }, () => request.duplicate(response))]
  } catch {
    return [response]
  }

  function splitResponse(): readonly Native[] | undefined {
    if (keepLater === undefined)
      return request.split?.(response, (body) => splitBody(body, others + 1, createBehindError))
    let splitting: Splitting | undefined
    const later: Later = { copy: () => undefined, onEnd: undefined }
    const all = request.split?.(response, (body) => {
      splitting = splitForLater(body, others + 1, createBehindError, () => later.onEnd?.())
      return [...splitting.parts, createNothing()]
    })
    let blank = all?.[others + 1]
    if (all === undefined || blank === undefined) return all
    later.copy = () => {
      const part = blank && splitting?.add()
      if (part === undefined || blank === undefined) return undefined
      const [copy, next] = request.split?.(blank, () => [part, createNothing()]) ?? []
      blank = next
      return copy
    }
    keepLater(later)
    return all.slice(0, -1)
  }

  function createBehindError(): X402Error {
    const { id: payment, money = 'in-doubt' } = paymentOf(response) ?? {}
    return fail(COPY_FELL_BEHIND, { money, facts: { resource, payment } })
  }
}

/** In place of a body: the response around it is what others are made from later. */
const createNothing = () => new ReadableStream<Uint8Array>({ start: (controller) => controller.close() })

/** What a payment ended with is everyone's who waited for it, and each reads a response of its own. */
function shareError<Native extends object>(
  error: unknown,
  others: number,
  request: PayableRequest<Native>,
  call: Call,
): readonly unknown[] {
  const all = Array.from({ length: others }, () => error)
  if (others === 0 || !isX402Error(error) || !OUTCOMES.includes(error.code)) return all
  const { response } = error
  if (typeof response !== 'object' || response === null) return all
  const [own, ...copies] = shareResponse(response as Native, others, request, call) // of this request
  setResponse(error, own)
  return all.map((_, index) => setResponse(copyError(error), copies[index]))
}

function setResponse(error: X402Error, response: unknown): X402Error {
  return Object.defineProperty(error, 'response', { value: response, enumerable: false, configurable: true })
}

function copyError(error: X402Error): X402Error {
  const { stack } = error
  const copy: X402Error = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error))
  return Object.defineProperty(copy, 'stack', { value: stack, enumerable: false, configurable: true, writable: true })
}

function createRefusedJoin(joined: Exclude<Joined, { response: unknown }>, { resource }: Call, cause?: unknown) {
  if (!('money' in joined)) return fail(PURCHASE_KEY_REUSED, { facts: { resource } })
  return fail(PURCHASE_UNDER_WAY, { money: joined.money, facts: { resource }, cause })
}

/** What a payment that left came to, for everyone who waited for it. */
const OUTCOMES: readonly string[] = [
  'ALLOWANCE_REQUIRED',
  'ANSWER_LOST',
  'PAID_NOT_DELIVERED',
  'PAYMENT_REJECTED',
  'PRICE_CHANGED',
  'PURCHASE_UNDER_WAY',
  'REDIRECTED',
  'REDIRECTED_ELSEWHERE',
]

/**
 * Whether an error of the call that pays is one of those that joined it, too. Its limits, its approver and its abort are its own, and so is a
 * wallet that others don't have. What isn't an error of ours came before anything was paid.
 */
function isShared(error: unknown, isOwn: boolean): boolean {
  if (!isX402Error(error)) return false
  return OUTCOMES.includes(error.code) || (isOwn && error instanceof SigningError && error.code !== 'ABORTED')
}

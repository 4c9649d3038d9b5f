import { DeliveryError } from '../errors/step-errors.js'
import { isX402Error } from '../errors/x402-error.js'
import { announceResponse } from '../hooks/run.js'
import { PAYMENT_IDENTIFIER } from '../wire/extensions.js'
import { classifyReason } from '../wire/reasons.js'
import { anySignal } from './any-signal.js'
import { createDeadline } from './create-deadline.js'
import { deliver } from './deliver.js'
import { noteOutcome, toSentState } from './note-outcome.js'
import { attachPayment } from './payment.js'
import type { Answer, Exchange, Ports } from './ports.js'
import { type Outcome, readReceipt } from './read-receipt.js'
import { readRetryAfter } from './read-retry-after.js'
import { takeAgain } from './resume.js'
import type { Delivered, Signed } from './steps.js'

/** Most times that one call sends one payment. */
const MAX_SENDS = 3

/** Pauses before the second and the third send, in milliseconds, where the seller names none. */
const PAUSES_MS = [250, 1000] as const

/** Answers that say "not now". */
const NOT_NOW = new Set([408, 425, 429, 503, 504])

type Attempt<Native> =
  | { readonly delivered: Delivered<Native>; readonly outcome: Outcome; readonly wantsAnother: boolean }
  | { readonly error: unknown }

/**
 * Presents a payment and judges the answer. Where the answer is lost or the seller says "not now", the **same** payment is
 * presented again: a second authorization is never made here.
 *
 * @param isResumed - The payment was made by an earlier call.
 * @returns The seller's answer, with its payment beside it.
 * @throws {@link DeliveryError} when the answer is lost, {@link PaymentRejectedError} when it is another 402; the money is in doubt, or
 * settled where a receipt said so.
 */
export async function present<Native extends object>(
  signed: Signed,
  exchange: Exchange<Native>,
  ports: Ports,
  isResumed: boolean,
): Promise<Native> {
  const deadline = createDeadline(exchange.paidTimeoutMs)
  const course = { exchange, ports, isResumed, deadline: deadline?.signal }
  try {
    let presented = signed
    for (let sends = 1; ; sends++) {
      const attempt = await tryOnce(presented, course)
      const pauseMs = sends < MAX_SENDS ? readPause(attempt, sends, presented, course) : undefined
      const again = pauseMs === undefined ? undefined : await resumeAfter(pauseMs, presented, course)
      if (again === undefined) return conclude(attempt, presented, ports)
      if ('delivered' in attempt) exchange.discard(attempt.delivered.answer.native)
      presented = again
    }
  } finally {
    deadline?.clear()
  }
}

/** What stays the same while one payment is sent once or several times. */
type Course<Native> = {
  readonly exchange: Exchange<Native>
  readonly ports: Ports
  readonly isResumed: boolean
  readonly deadline: AbortSignal | undefined
}

async function tryOnce<Native>(
  signed: Signed,
  { exchange, ports, deadline }: Course<Native>,
): Promise<Attempt<Native>> {
  try {
    const delivered = await deliver(signed, exchange, ports, deadline)
    const outcome = await readReceipt(delivered, ports)
    return { delivered, outcome, wantsAnother: await announceResponse(delivered, outcome, ports) }
  } catch (error) {
    return { error: isX402Error(error) ? error : await toLost(error, signed, ports) }
  }
}

/** Whatever breaks once the payment has left leaves it in doubt, and free to be presented again. */
async function toLost(cause: unknown, signed: Signed, ports: Ports): Promise<DeliveryError> {
  await noteOutcome(signed, toSentState(signed), { delivery: 'lost' }, ports)
  return new DeliveryError('The payment was sent, and its answer could not be read.', {
    code: 'ANSWER_LOST',
    money: 'in-doubt',
    facts: { resource: signed.call.resource, payment: signed.id },
    hint: 'Call again: the same payment is presented, never a second one.',
    cause,
  })
}

/** How long to wait before the same payment is presented again; `undefined` when it isn't. */
function readPause<Native>(
  attempt: Attempt<Native>,
  sends: number,
  { presentation }: Signed,
  { exchange, ports, isResumed }: Course<Native>,
): number | undefined {
  const isRepeatable = mayRepeat(exchange, presentation.payload.extensions)
  if ('error' in attempt) {
    const isLost = attempt.error instanceof DeliveryError && attempt.error.code === 'ANSWER_LOST'
    return isLost && isRepeatable ? PAUSES_MS[sends - 1] : undefined
  }
  const { outcome, wantsAnother, delivered } = attempt
  if (wantsAnother && sends === 1 && outcome.payment.delivery === 'lost') return 0
  // "Used already" after our own payment means that it was taken: asking once more may fetch what was bought.
  if (isTaken(attempt)) return sends === 1 && !isResumed && exchange.options?.redeliver !== 'never' ? 0 : undefined
  if (!isRepeatable || !isNotNow(attempt)) return undefined
  return readRetryAfter(delivered.answer, ports.clock.nowSeconds()) ?? PAUSES_MS[sends - 1]
}

type Answered<Native> = Extract<Attempt<Native>, { delivered: unknown }>

function isTaken<Native>({ delivered, outcome }: Answered<Native>): boolean {
  return delivered.answer.status === 402 && classifyReason(outcome.said) === 'already-spent'
}

function isNotNow<Native>({ delivered, outcome }: Answered<Native>): boolean {
  const { status } = delivered.answer
  // The caller may say that such a status delivers, and a 202 with a good receipt does.
  if (outcome.payment.delivery === 'delivered') return false
  if (status === 402) return classifyReason(outcome.said) === 'pending'
  return NOT_NOW.has(status) || status === 202
}

/** GET and HEAD change nothing when they are repeated; others only where the caller or the seller says so. */
function mayRepeat(exchange: Exchange, extensions: Readonly<Record<string, unknown>> | undefined): boolean {
  const { redeliver = 'safe' } = exchange.options ?? {}
  if (redeliver === 'never' || redeliver === 'always') return redeliver === 'always'
  const isSafe = exchange.method === 'GET' || exchange.method === 'HEAD'
  return isSafe || (extensions !== undefined && Object.hasOwn(extensions, PAYMENT_IDENTIFIER))
}

async function resumeAfter(
  pauseMs: number,
  signed: Signed,
  { ports, deadline }: Course<unknown>,
): Promise<Signed | undefined> {
  const { call, validUntilSeconds = Number.POSITIVE_INFINITY } = signed
  const until = anySignal(call.signal, deadline)
  const dies = !Number.isFinite(pauseMs) || ports.clock.nowSeconds() + pauseMs / 1000 >= validUntilSeconds
  if (dies || until?.aborted) return undefined
  await ports.wait(pauseMs, until)
  return until?.aborted ? undefined : takeAgain(signed, ports)
}

function conclude<Native extends object>(attempt: Attempt<Native>, { call, id }: Signed, ports: Ports): Native {
  if ('error' in attempt) {
    // An abort is the caller's and a ledger that fails is ours: neither says anything about the seller.
    const isSellers =
      !call.signal?.aborted && !(isX402Error(attempt.error) && attempt.error.code === 'LEDGER_UNAVAILABLE')
    if (isSellers) ports.circuit.note(call.origin, id, false)
    throw attempt.error
  }
  const { delivered, outcome } = attempt
  noteCircuit(attempt, ports)
  attachPayment(delivered.answer.native, outcome.payment)
  if (outcome.rejection !== undefined) throw outcome.rejection
  return delivered.answer.native
}

/** A 4xx that took no money is an honest answer, which says nothing of the seller. */
function noteCircuit<Native>({ delivered, outcome }: Answered<Native>, { circuit }: Ports): void {
  const { answer, signed } = delivered
  const { delivery, receipt } = outcome.payment
  const hasTaken = receipt?.state === 'verified' || receipt?.state === 'accepted'
  if (delivery === 'answered' && !hasTaken) return
  circuit.note(signed.call.origin, signed.id, delivery === 'delivered' && !isEmpty(answer, signed))
}

/** To a GET, a 2xx that is said to be empty bought nothing. */
function isEmpty({ status, header }: Answer, { call }: Signed): boolean {
  return call.method === 'GET' && (status === 204 || (status < 300 && header('content-length') === '0'))
}

import { isX402Error } from '../errors/x402-error.js'
import { abortable, anySignal, createDeadline, createTimeoutError } from '../payment/abort.js'
import { showCall } from '../payment/call.js'
import { isPromise, whenKnown } from '../payment/digest.js'
import type { Misdirected, PaidResponse, PayableRequest } from '../payment/exchange.js'
import type { Payment } from '../payment/payment.js'
import type { HookRunner, Ports, Responded } from '../payment/ports.js'
import { MAX_VALIDITY_SECONDS } from '../payment/scheme.js'
import { brandDelivered, brandSigned, type Delivered, type Signed } from '../payment/steps.js'
import { attachPayment } from '../payment/summary.js'
import { PAYMENT_IDENTIFIER } from '../wire/extensions.js'
import { concludeResponse } from './concluded.js'
import { type Judgement, judge, toOutcome } from './judge.js'
import { noteAndTell, noteOutcome, releaseUnsent } from './note.js'
import type { Progress } from './pay.js'
import { takeAgain } from './resume.js'
import { createLostError, createRedirectError, createUnreadError, createUnwrittenError } from './sent-errors.js'

/** The most times that one call sends one payment. */
const MAX_SENDS = 3

/** Pauses before the second and the third send, in milliseconds, when the seller names none. */
const PAUSES_MS = [250, 1000] as const

/** How one payment is presented. */
export type Presenting<Native> = {
  readonly request: PayableRequest<Native>
  readonly hooks: HookRunner | undefined
  readonly ports: Ports
  /** The payment was made by an earlier call. */
  readonly isResumed: boolean
  /** Told of a 402 that comes back. */
  readonly progress?: Pick<Progress, 'rejected'> | undefined
}

/** What stays the same while one payment is sent once or several times. */
type SendContext<Native> = Presenting<Native> & {
  readonly deadline: AbortSignal | undefined
}

/** One send of a payment, and what came of it: a response that was judged, or none. */
type Attempt<Native> = { readonly signed: Signed } & (
  | {
      readonly response: PaidResponse<Native>
      readonly judgement: Judgement
      readonly wantsAnother: boolean
      readonly statusBefore: number | undefined
    }
  | { readonly error: unknown; readonly isLost: boolean }
)

/**
 * Presents a payment and judges the response. Where the response is lost or the seller says "not now", the **same** payment is
 * presented again: a second authorization is never made here.
 *
 * Once it has left, the money counts as gone until something proves otherwise, so every failure is `in-doubt`. Only a payment that the ledger
 * couldn't write down never leaves, and is `signed`.
 *
 * @returns The seller's response, with its payment attached.
 * @throws {@link DeliveryError} when the response is lost; {@link PaymentRejectedError} when it is another 402. The money is in doubt, or
 * settled when a receipt said so.
 */
export async function present<Native extends object>(signed: Signed, presenting: Presenting<Native>): Promise<Native> {
  const { request, ports } = presenting
  const deadline = createDeadline(request.paidTimeoutMs, 'The paid request was not answered in time.')
  const context = { deadline: deadline?.signal, ...presenting } // last, as CONTRIBUTING.md says
  try {
    let presented = signed
    for (let sends = 1; ; sends++) {
      const attempt = await presentOnce(presented, context)
      const pauseMs = sends < MAX_SENDS ? readPause(attempt, sends, context) : undefined
      const again = pauseMs === undefined ? undefined : await takeAfter(pauseMs, attempt.signed, context)
      if (again === undefined) return conclude(attempt, ports)
      if ('response' in attempt) request.discard(attempt.response.native)
      presented = again
    }
  } finally {
    deadline?.clear()
    ports.underWay.payments.delete(signed.payment.id)
  }
}

async function presentOnce<Native>(signed: Signed, context: SendContext<Native>): Promise<Attempt<Native>> {
  const { request, ports, hooks, progress } = context
  if (progress !== undefined) progress.rejected = undefined // of the time before: what comes of this one decides
  let sent: Signed
  try {
    sent = withPayment(signed, await tellSent(signed, ports))
    ports.underWay.payments.set(sent.payment.id, sent.payment)
  } catch (cause) {
    return { signed, error: await refuseUnwritten(cause, signed, ports), isLost: false }
  }
  let response: PaidResponse<Native> | Misdirected
  try {
    response = await send(sent, context)
  } catch (cause) {
    request.abandon?.()
    const lost = await lose(sent, ports)
    return { signed: lost, error: createLostError(cause, lost, request), isLost: !sent.call.signal?.aborted }
  }
  if ('elsewhere' in response) {
    const lost = await lose(sent, ports)
    return { signed: lost, error: createRedirectError(response.elsewhere, lost), isLost: false }
  }
  // A paid response is never thrown away (R7): whatever is wrong with its receipt is reported alongside it.
  try {
    const isAsking = response.isChallenge || response.mayLackAllowance
    const reading = isAsking ? response.readTerms(isExplaining(response)) : undefined
    const asked = isPromise(reading) ? await reading : reading
    const judgement = judge(response, asked, sent)
    const payment = await noteOutcome(sent.payment, toOutcome(judgement, response), ports)
    const noted = withPayment(sent, payment)
    const { receipt, reason } = judgement
    // Terms from a cache are no one's word on what is asked for now.
    if (progress !== undefined && asked !== undefined && response.isChallenge && response.isAged !== true)
      progress.rejected = { asked, payment, isPending: reason === 'pending' || reason === 'already-spent' }
    const wantsAnother =
      hooks !== undefined &&
      // As it was sent: of a payment that is over, the ledger keeps less than hooks are shown.
      (await announce(hooks, brandDelivered({ signed: sent, response }), { receipt, asked }, context.deadline))
    return { signed: noted, response, judgement, wantsAnother, statusBefore: sent.payment.status }
  } catch (cause) {
    const lost = await lose(sent, ports)
    return { signed: lost, error: createUnreadError(cause, lost), isLost: true }
  }
}

/** A hook that never returns ends with the call's wait, and the paid response is handed over all the same (R7). */
function announce(hooks: HookRunner, delivered: Delivered, responded: Responded, deadline: AbortSignal | undefined) {
  const until = anySignal(delivered.signed.call.signal, deadline)
  return abortable(hooks.announceResponse(delivered, responded), until).catch(() => false)
}

/**
 * Writes the payment down before it leaves; what can't be written down isn't sent.
 *
 * @throws {@link DeliveryError} `LEDGER_UNAVAILABLE`; nothing was sent by this call.
 */
export async function noteSent(signed: Signed, ports: Ports): Promise<Signed> {
  try {
    return withPayment(signed, await tellSent(signed, ports))
  } catch (cause) {
    throw await refuseUnwritten(cause, signed, ports)
  }
}

function tellSent({ call, payment, signature }: Signed, ports: Ports): Promise<Payment> {
  return Promise.resolve(
    whenKnown(call.names(), ({ purchase }) => {
      const { purchaseForSeconds } = call
      const isSame = purchase === payment.call.purchase && purchaseForSeconds === payment.call.purchaseForSeconds
      const named = isSame ? undefined : { purchase, purchaseForSeconds }
      return noteAndTell(payment.id, { type: 'sent', ...signature, ...named }, ports)
    }),
  )
}

async function refuseUnwritten(cause: unknown, signed: Signed, ports: Ports): Promise<Error> {
  const after = await releaseUnsent(signed, ports)
  return createUnwrittenError(cause, signed, after)
}

/** The same step, with the payment as the ledger has it now. */
function withPayment(signed: Signed, payment: Payment): Signed {
  return brandSigned({ ...signed, payment, signature: undefined })
}

/** Sends the payment, and waits for a response as long as the payment can be taken; the caller's signal may end the wait sooner. */
function send<Native>(
  { call, payment, presentation }: Signed,
  { request, ports, deadline }: SendContext<Native>,
): Promise<PaidResponse<Native> | Misdirected> {
  const until = anySignal(call.signal, deadline)
  const sending = request.send(showCall(call), presentation.payload, until)
  // Not every fetch heeds its signal, so the wait ends here, too.
  const waiting = until === undefined ? sending : abortable(sending, until)
  // A timer is all that the default wait needs: when it is over the request is abandoned.
  return deadline === undefined ? endWithLife(waiting, payment, ports) : waiting
}

/** Rejects when the payment can no longer be taken. The caller waits for whatever follows the head of a response. */
function endWithLife<T>(sending: Promise<T>, { validUntilSeconds }: Payment, { clock }: Ports): Promise<T> {
  const seconds = (validUntilSeconds ?? Number.POSITIVE_INFINITY) - clock.nowSeconds()
  const milliseconds = Math.min(Math.max(seconds, 1), MAX_VALIDITY_SECONDS) * 1000
  return new Promise((resolve, reject) => {
    const end = () => reject(createTimeoutError('The paid request was not answered in time.'))
    const timer = setTimeout(end, milliseconds)
    sending.then(
      (response) => {
        clearTimeout(timer)
        resolve(response)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}

function isExplaining({ receipt }: PaidResponse): boolean {
  return receipt !== undefined && 'value' in receipt && (receipt.value.errorReason ?? '') !== ''
}

/** Whatever fails once the payment has left, it is in doubt, and may be presented again. */
async function lose(signed: Signed, ports: Ports): Promise<Signed> {
  return withPayment(signed, await noteOutcome(signed.payment, { type: 'lost' }, ports))
}

/** How long to wait before the same payment is presented again, in milliseconds; `undefined` when it isn't. */
function readPause<Native>(attempt: Attempt<Native>, sends: number, context: SendContext<Native>): number | undefined {
  const { request } = context
  if (!('error' in attempt))
    return attempt.judgement.delivery === 'delivered' ? undefined : readResponsePause(attempt, sends, context)
  return attempt.isLost && mayRepeat(request, attempt.signed) ? PAUSES_MS[sends - 1] : undefined
}

function readResponsePause<Native>(
  { response, judgement, wantsAnother, signed }: Extract<Attempt<Native>, { response: unknown }>,
  sends: number,
  { request, ports, isResumed }: SendContext<Native>,
): number | undefined {
  const { delivery, reason } = judgement
  if (wantsAnother && sends === 1 && delivery === 'lost') return 0
  // "Already used" in response to our own payment means that it was taken: asking once more may fetch what was bought.
  if (response.isChallenge && reason === 'already-spent') {
    return sends === 1 && !isResumed && request.options?.redeliver !== 'never' ? 0 : undefined
  }
  const isNotNow = response.isChallenge ? reason === 'pending' : response.isNotNow
  if (!isNotNow || !mayRepeat(request, signed)) return undefined
  return response.readPauseMs(ports.clock.nowSeconds()) ?? PAUSES_MS[sends - 1]
}

/** A request that changes nothing may be repeated; any other only if the caller or the seller says so. */
function mayRepeat({ options, isSafe }: PayableRequest, { presentation }: Signed): boolean {
  const { redeliver = 'safe' } = options ?? {}
  if (redeliver !== 'safe') return redeliver === 'always'
  const { extensions } = presentation.payload
  return isSafe || (extensions !== undefined && Object.hasOwn(extensions, PAYMENT_IDENTIFIER))
}

async function takeAfter(
  pauseMs: number,
  signed: Signed,
  { ports, deadline }: SendContext<unknown>,
): Promise<Signed | undefined> {
  const { call, payment } = signed
  const { validUntilSeconds = Number.POSITIVE_INFINITY } = payment
  const until = anySignal(call.signal, deadline)
  const dies = !Number.isFinite(pauseMs) || ports.clock.nowSeconds() + pauseMs / 1000 >= validUntilSeconds
  if (dies || until?.aborted) return undefined
  await ports.wait(pauseMs, until)
  return until?.aborted ? undefined : takeAgain(signed, ports)
}

function conclude<Native extends object>(attempt: Attempt<Native>, ports: Ports): Native {
  const { call, payment } = attempt.signed
  if ('error' in attempt) {
    // An abort comes from the caller and a failing ledger is ours: neither says anything against the seller.
    const isOurs = isX402Error(attempt.error) && attempt.error.code === 'LEDGER_UNAVAILABLE'
    if (!call.signal?.aborted && !isOurs) ports.circuit.note(call.origin, payment.id, false)
    throw attempt.error
  }
  const { response } = attempt
  const summary = concludeResponse(attempt, ports, (shown) => attachPayment(response.native, shown))
  if (summary.error !== undefined) throw summary.error
  return response.native
}

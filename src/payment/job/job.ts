import type { Decoded } from '../../wire/json.js'
import type { SettleResponse } from '../../wire/receipt.js'

/** What was paid for and will be there later: the seller accepted the request, and said where to ask. */
export type Job<Native extends object = object> = {
  /** The ledger's id of the payment. */
  readonly payment: string
  /** Where to ask. It may hold what only its buyer should know. */
  readonly url: string
  /**
   * Asks until the seller is done, never by a second payment and never at another origin.
   *
   * @param options - Ends the wait sooner, or later.
   * @returns The response that isn't "not yet", whatever its status.
   * @throws {@link DeliveryError} `JOB_NOT_DONE` when it takes too long, `JOB_UNPAID` when the seller asks for money there, `JOB_ELSEWHERE` when it
   * leads to another origin, `ABORTED`. The money stays where it is, and you may wait again.
   */
  wait(options?: WaitOptions<Native>): Promise<Native>
  /** What another process needs to take it up: `paidFetch.job(saved)`. It holds no signature and no header. */
  toJSON(): SavedJob
}

/** A job as it is kept: plain JSON. */
export type SavedJob = {
  readonly payment: string
  readonly url: string
  /** Of the seller that was paid; the job is followed nowhere else. */
  readonly origin: string
}

/**
 * How a job is waited for.
 *
 * @example
 * ```ts
 * import { paymentOf } from 'pay402/fetch'
 *
 * const response = await paidFetch('https://api.example.com/weather')
 * await paymentOf(response)?.job?.wait({ timeoutMs: 60_000, signal: AbortSignal.timeout(90_000) })
 * ```
 */
export type WaitOptions<Native extends object = object> = {
  /** Ends the wait. @default nothing but the wait's own end */
  signal?: AbortSignal | undefined
  /** The longest wait, in milliseconds. @default 600_000 */
  timeoutMs?: number | undefined
  /**
   * Whether a response still means "not yet", for sellers that say so in a body: read it through a clone.
   *
   * @default 202, 408, 425, 429, 502, 503, 504, and whatever has a `Retry-After`
   */
  isPending?: ((response: Native) => boolean | Promise<boolean>) | undefined
}

/** A job that begins: where it is, and how long the seller wants to be left alone. */
export type JobStart = SavedJob & { readonly pauseMs?: number | undefined }

/** Asks once where a job is. A wrapper makes it of its request: by GET and without a payment, or by the call itself once more. */
export type AskJob<Native extends object> = (
  url: string,
  signal: AbortSignal | undefined,
) => Promise<JobResponse<Native>>

/** What was found there. */
export type JobResponse<Native extends object> = {
  readonly status: number
  /** Where a redirect or a `202` leads; `'hidden'` when the platform doesn't show that. */
  readonly location: URL | 'hidden' | undefined
  readonly receipt: Decoded<SettleResponse> | undefined
  /** How long the seller asks to be left alone, in milliseconds; `undefined` when it says nothing. */
  readonly pauseMs: number | undefined
  /** See `PaidResponse.watchBody`. */
  readonly watchBody?: ((found: (isMissing: boolean) => void) => void) | undefined
  /** Discards it unread. */
  discard(): void
  /** The library's own response, for the caller. */
  hand(): Promise<Native>
}

import { ABORTED } from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { SigningError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Call } from './call.js'

/**
 * Waits for `work`, but not longer than `signal` allows.
 *
 * The work itself goes on when the signal wins; its result is dropped, and a late failure is nobody's unhandled rejection.
 *
 * @throws The signal's reason when it fires first, else what the work throws.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  work.catch(() => undefined) // observed by nobody once the signal has won
  signal.throwIfAborted()
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

/** The signal that fires with the first of two. */
export function anySignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  return one === undefined || other === undefined ? (one ?? other) : AbortSignal.any([one, other])
}

/** When the paid part of one call is over, however often its payment is sent; or the wait for an unpaid response. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Ends the waiting; what comes after the head of a response is the caller's to wait for. */
  clear(): void
}

/**
 * Creates a deadline.
 *
 * @param milliseconds - `undefined` for none.
 * @param message - Of the `TimeoutError`.
 */
export function createDeadline(milliseconds: number | undefined, message: string): Deadline | undefined {
  if (milliseconds === undefined) return undefined
  const controller = new AbortController()
  const reason = new DOMException(message, 'TimeoutError')
  const timer = setTimeout(() => controller.abort(reason), milliseconds)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

/**
 * The error of a call that was aborted before its payment was sent.
 *
 * It has the name that callers look for (`AbortError`, `TimeoutError`), and the signal's reason as its cause.
 */
export function createAbortError(
  { signal, resource }: Pick<Call, 'signal' | 'resource'>,
  money: MoneyState,
): SigningError {
  const reason: unknown = signal?.reason
  return fail(ABORTED, { name: toAbortName(reason), money, facts: { resource }, cause: reason })
}

/** The name that callers expect of an abort: the reason's own, else `AbortError`. */
export function toAbortName(reason: unknown): string {
  return reason instanceof Error || reason instanceof DOMException ? reason.name : 'AbortError'
}

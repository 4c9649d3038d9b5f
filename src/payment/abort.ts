import { ABORTED } from '../errors/catalogue/signing.js'
import { fail } from '../errors/fail.js'
import type { SigningError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Call } from './call.js'

/**
 * Waits for `work`, but not longer than `signal` allows.
 *
 * The work itself goes on when the signal wins; its result is dropped, and a failure that comes too late doesn't become an unhandled rejection.
 *
 * @param work - What is waited for.
 * @param signal - `undefined` waits for as long as the work takes.
 * @returns What the work returns.
 * @throws The signal's reason when it fires first, else what the work throws.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  work.catch(() => undefined) // nothing else handles a failure once the signal has won
  throwIfAborted(signal)
  let stop: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(reasonOf(signal))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop)
  }
}

/** As the signal's own method, which React Native's lack. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal)
}

/** Why a signal fired. React Native's signals don't say. */
function reasonOf({ reason }: AbortSignal): unknown {
  return reason ?? Object.assign(new Error('This operation was aborted.'), { name: 'AbortError' })
}

/** A signal that fires as soon as one of the two does; `undefined` when there is neither. */
export function anySignal(one: AbortSignal | undefined, other: AbortSignal | undefined): AbortSignal | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return typeof AbortSignal.any === 'function' ? AbortSignal.any([one, other]) : linkSignals([one, other])
}

/** For React Native, which has no `AbortSignal.any`. */
function linkSignals(signals: readonly AbortSignal[]): AbortSignal {
  const any = new AbortController()
  for (const one of signals) {
    const fire = () => any.abort(reasonOf(one))
    if (one.aborted) fire()
    else one.addEventListener('abort', fire, { once: true })
  }
  return any.signal
}

/** The platform's error for a wait that took too long, or one of the same name where it has none. */
export function createTimeoutError(message: string): Error {
  return typeof DOMException === 'function'
    ? new DOMException(message, 'TimeoutError')
    : Object.assign(new Error(message), { name: 'TimeoutError' })
}

/** When a wait is over: that for the whole paid part of a call, or that for one unpaid response. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Stops the timer. The caller waits for whatever follows the head of a response. */
  clear(): void
}

/**
 * Creates a deadline.
 *
 * @param milliseconds - How long to wait; `undefined` means forever.
 * @param message - The message of the `TimeoutError` that the signal fires with.
 * @returns The deadline, whose timer is running; `undefined` when there is none.
 */
export function createDeadline(milliseconds: number | undefined, message: string): Deadline | undefined {
  if (milliseconds === undefined) return undefined
  const controller = new AbortController()
  const reason = createTimeoutError(message)
  const timer = setTimeout(() => controller.abort(reason), milliseconds)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

/**
 * The error of a call that was aborted before its payment was sent.
 *
 * It has the name that callers look for (`AbortError`, `TimeoutError`), and the signal's reason as its cause.
 *
 * @param call - Its signal fired.
 * @param money - Where the money is at that moment.
 */
export function createAbortError(call: Pick<Call, 'signal' | 'resource'>, money: MoneyState): SigningError {
  const reason: unknown = call.signal?.reason
  return fail(ABORTED, { name: toAbortName(reason), money, facts: { resource: call.resource }, cause: reason })
}

/** The name that callers expect of an abort: the reason's own, else `AbortError`. */
export function toAbortName(reason: unknown): string {
  const isDOMException = typeof DOMException === 'function' && reason instanceof DOMException
  return reason instanceof Error || isDOMException ? reason.name : 'AbortError'
}

/** When the paid part of one call is over, however often its payment is sent; or the wait for an unpaid answer. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Ends the waiting; what comes after the head of an answer is the caller's to wait for. */
  clear(): void
}

/**
 * Creates a deadline.
 *
 * @param milliseconds - `undefined` for none: then each send is waited for as long as the payment lives.
 * @param message - Of the `TimeoutError`.
 */
export function createDeadline(
  milliseconds: number | undefined,
  message = 'The paid request was not answered in time.',
): Deadline | undefined {
  if (milliseconds === undefined) return undefined
  const controller = new AbortController()
  const reason = new DOMException(message, 'TimeoutError')
  const timer = setTimeout(() => controller.abort(reason), milliseconds)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

/** When the paid part of one call is over, however often its payment is sent. */
export type Deadline = {
  readonly signal: AbortSignal
  /** Ends the waiting; what comes after the head of an answer is the caller's to wait for. */
  clear(): void
}

/**
 * Creates a deadline.
 *
 * @param milliseconds - `undefined` for none: then each send is waited for as long as the payment lives.
 */
export function createDeadline(milliseconds: number | undefined): Deadline | undefined {
  if (milliseconds === undefined) return undefined
  const controller = new AbortController()
  const reason = new DOMException('The paid request was not answered in time.', 'TimeoutError')
  const timer = setTimeout(() => controller.abort(reason), milliseconds)
  return { signal: controller.signal, clear: () => clearTimeout(timer) }
}

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

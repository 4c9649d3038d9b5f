import { readBounded } from './read-bounded.js'

/** Longest that the body of a 402 without a header is waited for, in milliseconds. */
export const PEEK_TIMEOUT_MS = 10_000

/**
 * Reads the text of an answer without taking it from the caller.
 *
 * @param response - Stays unread.
 * @param maxBytes - What is longer isn't read.
 * @param signal - Ends the reading early, also where it fired already.
 * @returns The text, or `undefined` when it is too long, too slow, or was read already.
 */
export async function peekBody(
  response: Response,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const copy = response.bodyUsed || signal?.aborted ? null : response.clone().body
  if (copy === null) return undefined
  let stop = (): void => undefined
  const overdue = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, PEEK_TIMEOUT_MS)
    const end = () => resolve()
    signal?.addEventListener('abort', end, { once: true })
    stop = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
    }
  })
  const { bytes, isWhole } = await readBounded(copy, maxBytes, overdue)
  stop()
  return isWhole && bytes.length <= maxBytes ? new TextDecoder().decode(bytes) : undefined
}

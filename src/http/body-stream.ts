/** What was read of a stream, and whether that is all of it. */
export type BoundedRead = { readonly bytes: Uint8Array<ArrayBuffer>; readonly isWhole: boolean }

/**
 * Reads a stream to its end, but no further than `maxBytes` and no longer than until `overdue`; what is left is canceled.
 *
 * A stream that breaks off counts as one that ended: what was read is all there will be.
 */
export async function readBounded(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  overdue: Promise<unknown>,
): Promise<BoundedRead> {
  const chunks: Uint8Array[] = []
  const reader = stream.getReader()
  const isWhole = await Promise.race([readAll(reader, chunks, maxBytes), overdue.then(() => false)])
  // Not awaited: canceling one branch of a body that was cloned settles only with the other.
  if (!isWhole) reader.cancel().catch(ignoreFailure)
  return { bytes: concatenate(chunks), isWhole }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  chunks: Uint8Array[],
  maxBytes: number,
): Promise<boolean> {
  let length = 0
  try {
    while (length <= maxBytes) {
      const { done, value } = await reader.read()
      if (done) return true
      chunks.push(value)
      length += value.length
    }
  } catch {
    return true
  }
  return false
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

/** Most of a 402's body that is read for the connection's sake. */
export const MAX_DRAINED_BYTES = 64 * 1024

/** How much longer than the signature the reading may take, in milliseconds. */
export const DRAIN_GRACE_MS = 100

/**
 * Reads the rest of a body so that its connection can be used for the paid request, then lets the platform give it back.
 *
 * What is endless or slow is canceled: then a new connection is opened, which costs a round trip and nothing else.
 *
 * @param body - Of the 402.
 * @param until - The signature; never waited for longer than {@link DRAIN_GRACE_MS} after it.
 * @returns What was read, for a caller that needs the 402 after all.
 */
export async function drainBody(
  body: ReadableStream<Uint8Array>,
  until: Promise<unknown>,
): Promise<Uint8Array<ArrayBuffer>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false
  const grace = () =>
    new Promise<void>((resolve) => {
      if (!isOver) timer = setTimeout(resolve, DRAIN_GRACE_MS)
    })
  const { bytes } = await readBounded(body, MAX_DRAINED_BYTES, until.then(grace, grace))
  isOver = true
  clearTimeout(timer)
  await nextMacrotask()
  return bytes
}

/** undici gives a connection back one macrotask after the body ended. `setTimeout` costs a millisecond, `setImmediate` none. */
function nextMacrotask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown } // Node's, absent in browsers
  return new Promise((resolve) => void (setImmediate ?? setTimeout)(resolve))
}

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

/**
 * A body that ends when a signal fires, with the signal's reason; what is left of it is canceled. The platform sees to that for the
 * answer to one's own request, and for no copy of another's.
 *
 * @param body - `null` for an answer without one.
 */
export function endWith(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> | null {
  if (body === null || signal === undefined) return body
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}

/** For promises whose failure means nothing: letting go of a body that was read already, or that broke off. */
export function ignoreFailure(): undefined {
  return undefined
}

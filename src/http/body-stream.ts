/** What was read of a stream, and whether that is all of it. */
export type BoundedRead = { readonly bytes: Uint8Array<ArrayBuffer>; readonly isWhole: boolean }

/**
 * Reads a stream to its end, but no further than `maxBytes` and only until it is stopped; what is left is canceled.
 *
 * A stream that breaks off counts as one that ended: what was read is all there will be.
 *
 * @param watch - Is given what stops the reading, and returns what ends the watch.
 */
export async function readBounded(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  watch: (stop: () => void) => () => void,
): Promise<BoundedRead> {
  const chunks: Uint8Array[] = []
  const reader = stream.getReader()
  let isStopped = false
  // Canceling ends a read that waits. Not awaited: of one branch of a body that was cloned it settles only with the other.
  const cancel = () => void reader.cancel().catch(ignoreFailure)
  const end = watch(() => {
    isStopped = true
    // Once the platform has ended the body for the same reason: undici throws, past everyone, what the other branch is then canceled with.
    queueMicrotask(cancel)
  })
  let isWhole = false
  let length = 0
  try {
    while (!isWhole && length <= maxBytes) {
      const { done, value } = await reader.read()
      isWhole = done
      if (value === undefined) continue
      chunks.push(value)
      length += value.length
    }
  } catch {
    isWhole = true
  }
  end()
  if (!isWhole) cancel()
  return { bytes: concatenate(chunks), isWhole: isWhole && !isStopped }
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
  const { bytes } = await readBounded(body, MAX_DRAINED_BYTES, (stop) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const grace = () => {
      if (!isOver) timer = setTimeout(stop, DRAIN_GRACE_MS)
    }
    until.then(grace, grace)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  })
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
 * Reads the text of a response without taking it from the caller.
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
  const { bytes, isWhole } = await readBounded(copy, maxBytes, (stop) => {
    const timer = setTimeout(stop, PEEK_TIMEOUT_MS)
    signal?.addEventListener('abort', stop, { once: true })
    return () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  })
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

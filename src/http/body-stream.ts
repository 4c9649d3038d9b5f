import { abortable, anySignal, createDeadline } from '../payment/abort.js'

/** What was read from a stream, and whether that is all of it. */
export type BoundedRead = { readonly bytes: Uint8Array<ArrayBuffer>; readonly isWhole: boolean }

/**
 * Reads a stream to its end, but no further than `maxBytes` and only until it is stopped; what is left is canceled.
 *
 * A stream that breaks off counts as one that ended: what was read is all there will be.
 *
 * @param stream - Is locked, and read from here on.
 * @param maxBytes - Reading stops at the first chunk that goes beyond this.
 * @param watch - Called once with a function that stops the reading; returns one that ends the watching.
 */
export async function readBounded(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  watch: (stop: () => void) => () => void,
): Promise<BoundedRead> {
  const chunks: Uint8Array[] = []
  const reader = stream.getReader()
  let isStopped = false
  // Canceling ends a read that waits. It isn't awaited: for one branch of a cloned body, it settles only when the other branch does.
  const cancel = () => void reader.cancel().catch(ignoreFailure)
  const end = watch(() => {
    isStopped = true
    // A macrotask later, when the platform has ended the body for the same reason, however many signals lie between: otherwise, undici throws
    // the reason with which the other branch is canceled as an unhandled error.
    void nextMacrotask().then(cancel)
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

/** The most of a 402's body that is read to free its connection, in bytes. */
export const MAX_DRAINED_BYTES = 64 * 1024

/** How much longer than the signature the reading may take, in milliseconds. */
export const DRAIN_GRACE_MS = 100

/**
 * Reads the rest of a body so that its connection can be used for the paid request, and waits until the platform has freed it.
 *
 * A body that is endless or slow is canceled. Then a new connection is opened, which costs a round trip and nothing else.
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

/** undici frees a connection one macrotask after the body has ended. `setTimeout` costs a millisecond, `setImmediate` none. */
function nextMacrotask(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown } // Node's, absent in browsers
  return new Promise((resolve) => void (setImmediate ?? setTimeout)(resolve))
}

/** Whether a body flows by a stream of the platform's own. React Native has none: there a body is read whole before its response is there. */
export function isStream(body: unknown): body is ReadableStream<Uint8Array<ArrayBuffer>> {
  return typeof ReadableStream === 'function' && body instanceof ReadableStream
}

/**
 * Lets go of a body that won't be read any more: a stream of the platform's, or one of Node's, as the package `node-fetch` has. Nothing is
 * thrown, whatever the body is: it is let go of at a time when nothing may fail for it.
 */
export function cancelBody(body: unknown): void {
  if (typeof body !== 'object' || body === null) return
  try {
    if ('cancel' in body && typeof body.cancel === 'function') {
      void Promise.resolve(body.cancel()).catch(ignoreFailure)
    } else if ('destroy' in body && typeof body.destroy === 'function') {
      // What it fails with from here on is of no interest, and without a listener it would end the process.
      if ('on' in body && typeof body.on === 'function') body.on('error', ignoreFailure)
      body.destroy()
    }
  } catch {
    return // then its connection is held until the platform itself ends it
  }
}

/** The longest wait for the body of a 402 that has no header with terms, in milliseconds. */
export const PEEK_TIMEOUT_MS = 10_000

/**
 * Reads the text of a response without taking it from the caller.
 *
 * @param response - Stays unread.
 * @param maxBytes - A longer body isn't read.
 * @param signal - Ends the reading early, even if it has already fired.
 * @returns The text, or `undefined` when it is too long, too slow, or has already been read.
 */
export async function peekBody(
  response: Response,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  if (response.bodyUsed || signal?.aborted || response.body === null) return undefined
  const copy = response.clone()
  if (copy.body == null || !('getReader' in copy.body)) return readText(copy, maxBytes, signal)
  const { bytes, isWhole } = await readBounded(copy.body, maxBytes, (stop) => {
    const timer = setTimeout(stop, PEEK_TIMEOUT_MS)
    signal?.addEventListener('abort', stop, { once: true })
    return () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
    }
  })
  return isWhole && bytes.length <= maxBytes ? new TextDecoder().decode(bytes) : undefined
}

/** Of React Native, which has no streams, and of libraries whose bodies are streams of another kind. */
async function readText(
  copy: Response,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const deadline = createDeadline(PEEK_TIMEOUT_MS, 'The body did not arrive in time.')
  try {
    const text = await abortable(copy.text(), anySignal(signal, deadline?.signal))
    return text.length <= maxBytes ? text : undefined
  } catch {
    return undefined
  } finally {
    deadline?.clear()
  }
}

/**
 * Makes a body end when a signal fires, with the signal's reason; what is left of it is canceled. The platform does that for the response
 * to a caller's own request, but not for a copy of another call's.
 *
 * @param body - `null` for a response without one.
 */
export function endWith(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> | null {
  if (body === null || signal === undefined) return body
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal })
}

/** For promises whose failure doesn't matter, such as canceling a body that was already read or that broke off. */
export function ignoreFailure(): undefined {
  return undefined
}

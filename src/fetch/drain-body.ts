import { readBounded } from './read-bounded.js'

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

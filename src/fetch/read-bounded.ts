import { ignoreFailure } from './ignore-failure.js'

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

import {
  DRAIN_GRACE_MS,
  drainBody,
  ignoreFailure,
  MAX_DRAINED_BYTES,
  PEEK_TIMEOUT_MS,
  peekBody,
  readBounded,
} from '../http/body-stream.js'
import { toBodyInit } from './answer.js'
import { isNodeStream, isWebStream, toStreamLike, toWebStream } from './stream-body.js'

/** The body of an answer, looked at before its reader gets it. */
export type HeldBody = {
  /** Its text, without taking it from the reader. */
  peek(maxBytes: number, signal: AbortSignal | undefined): Promise<string | undefined>
  /** Reads it to its end while something else goes on. */
  drain(until: Promise<unknown>): Promise<void>
  /** Lets go of what nobody will read; what is short is read, so that its connection can be used again. */
  discard(): void
  /** What the adapter gave, still to be read. */
  release(): unknown
  /** The same, but no longer than a refusal may wait for it: what is left then is cut off. */
  releaseBounded(): Promise<unknown>
}

/**
 * Holds the body of an answer: of a 402, mostly.
 *
 * @param data - As an adapter gave it: a stream, or what it read already.
 */
export function holdBody(data: unknown): HeldBody {
  return isNodeStream(data) || isWebStream(data) ? holdStream(data) : holdWhole(data)
}

type Stream = Parameters<typeof toWebStream>[0]

function holdStream(data: Stream): HeldBody {
  let held = new Response(toWebStream(data))
  let isTouched = false
  const replace = (bytes: Uint8Array<ArrayBuffer>) => {
    held = new Response(bytes)
  }
  const release = () => (isTouched ? toStreamLike(data, held.body) : data)
  return {
    peek(maxBytes, signal) {
      isTouched = true
      return peekBody(held, maxBytes, signal)
    },
    async drain(until) {
      if (held.body === null) return
      isTouched = true
      replace(await drainBody(held.body, until))
    },
    discard() {
      const { body } = held
      isTouched = true
      replace(new Uint8Array())
      if (body !== null) void readWithin(body, DRAIN_GRACE_MS).catch(ignoreFailure)
    },
    release,
    async releaseBounded() {
      if (held.body !== null) {
        isTouched = true
        replace(await readWithin(held.body, PEEK_TIMEOUT_MS))
      }
      return release()
    },
  }
}

async function readWithin(body: ReadableStream<Uint8Array>, milliseconds: number): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await readBounded(body, MAX_DRAINED_BYTES, (stop) => {
    const timer = setTimeout(stop, milliseconds)
    return () => clearTimeout(timer)
  })
  return bytes
}

/** An adapter that answers with the whole body leaves nothing to wait for. */
function holdWhole(data: unknown): HeldBody {
  return {
    async peek(maxBytes, signal) {
      const body = toBodyInit(data)
      return body === undefined ? undefined : peekBody(new Response(body), maxBytes, signal)
    },
    drain: async () => undefined,
    discard: ignoreFailure,
    release: () => data,
    releaseBounded: async () => data,
  }
}

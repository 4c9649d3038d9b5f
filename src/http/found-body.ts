/**
 * Told whether a body brought nothing, at most once, when its reader has found out: it was empty, or it broke off. A body whose caller gives it
 * up tells nothing.
 */
export type FoundBody = (isMissing: boolean) => void

/** Whatever is found first is told, and nothing after it. */
export function tellOnce(tell: FoundBody): FoundBody {
  let isTold = false
  return (isMissing) => {
    if (isTold) return
    isTold = true
    tell(isMissing)
  }
}

/**
 * The same stream for its reader, which also tells what was found. It is locked only once somebody reads.
 *
 * @param body - Isn't locked yet.
 * @param signal - The caller's: what it ends says nothing.
 * @param found - Told at the end, or where it breaks off.
 */
export function tapStream(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal | undefined,
  found: FoundBody,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined
  let isGivenUp = false
  let isEmpty = true
  const read = async (): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    reader ??= body.getReader()
    try {
      const value = await readSome(reader)
      // Canceling ends a read that waits as if the body had ended.
      if (value === undefined && !isGivenUp) found(isEmpty)
      isEmpty = false
      return value
    } catch (error) {
      if (!isGivenUp && !signal?.aborted) found(true)
      throw error
    }
  }
  const cancel = (reason: unknown) => {
    isGivenUp = true
    return (reader ?? body).cancel(reason)
  }
  if (!isByteStream(body)) {
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>) => {
      const chunk = await read()
      if (isGivenUp) return
      if (chunk === undefined) controller.close()
      else controller.enqueue(chunk)
    }
    return new ReadableStream({ pull, cancel }, { highWaterMark: 0 })
  }
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const chunk = await read()
      if (isGivenUp) return
      if (chunk !== undefined) return controller.enqueue(chunk)
      controller.close()
      controller.byobRequest?.respond(0)
    },
    cancel,
  })
}

/** The next chunk that holds anything; `undefined` at the end. */
async function readSome(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  while (true) {
    const { done, value } = await reader.read()
    if (done || value.length > 0) return value
  }
}

/** Readers that bring a buffer of their own work on such streams alone. */
function isByteStream(body: ReadableStream<Uint8Array>): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}

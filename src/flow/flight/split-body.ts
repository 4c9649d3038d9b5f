/** How far one caller may fall behind the one that reads fastest, in bytes. Source: decision of this project; it bounds what is kept. */
const MAX_BEHIND_BYTES = 1024 * 1024

/**
 * Splits a body for several callers. It is read as fast as the fastest of them reads, and what the others haven't read yet is kept for them.
 *
 * A caller that falls more than {@link MAX_BEHIND_BYTES} behind fails, and nothing is kept for it any more: neither does a slow caller hold
 * back the others, nor does one that never reads fill the memory. A single chunk may be longer; a caller that has read all before it is given it.
 *
 * @param body - Is locked, and read from here on. It is canceled once no caller wants any more of it.
 * @param count - How many callers.
 * @param createError - Makes the error of a caller that falls behind.
 */
export function splitBody(
  body: ReadableStream<Uint8Array>,
  count: number,
  createError: () => Error,
): readonly ReadableStream<Uint8Array>[] {
  return splitForLater(body, count, createError).parts
}

/** A body that was split, and may be split further. */
export type Splitting = {
  readonly parts: readonly ReadableStream<Uint8Array>[]
  /** One more part, from the body's beginning; `undefined` unless the body is being read, and all of it that came so far is kept. */
  add(): ReadableStream<Uint8Array> | undefined
}

/**
 * Splits a body as {@link splitBody} does, and keeps what came of it for callers who come later: no more than {@link MAX_BEHIND_BYTES}, and
 * no longer than it flows.
 *
 * @param onEnd - Called once no part can be added any more.
 */
export function splitForLater(
  body: ReadableStream<Uint8Array>,
  count: number,
  createError: () => Error,
  onEnd?: () => void,
): Splitting {
  const open = new Set<ReadableStreamDefaultController<Uint8Array>>()
  let reading: Promise<void> | undefined
  let kept: Uint8Array[] | undefined = onEnd && []
  let keptBytes = 0
  let isRead = false

  function keep(chunk: Uint8Array): void {
    if (kept === undefined) return
    keptBytes += chunk.byteLength
    if (keptBytes > MAX_BEHIND_BYTES) letGo()
    else kept.push(chunk.slice())
  }

  function letGo(): void {
    if (kept === undefined) return
    kept = undefined
    onEnd?.()
  }

  async function readOne(): Promise<void> {
    try {
      const { done, value } = await reader.read()
      if (done) endAll((one) => one.close())
      else {
        keep(value)
        for (const one of [...open]) give(one, value)
      }
    } catch (error) {
      endAll((one) => one.error(error))
    } finally {
      reading = undefined
    }
  }

  function give(one: ReadableStreamDefaultController<Uint8Array>, chunk: Uint8Array): void {
    // Nothing is read ahead, so that what the stream has room for is less than nothing by as much as waits in it.
    const waiting = -(one.desiredSize ?? 0)
    if (waiting > 0 && waiting + chunk.byteLength > MAX_BEHIND_BYTES) {
      open.delete(one)
      one.error(createError())
    } else {
      // Each has bytes of its own: a caller may change or transfer them.
      one.enqueue(open.size === 1 ? chunk : chunk.slice())
    }
  }

  function endAll(end: (one: ReadableStreamDefaultController<Uint8Array>) => void): void {
    letGo()
    for (const one of open) end(one)
    open.clear()
  }

  function createPart(before: readonly Uint8Array[]): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array> | undefined
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          own = controller
          open.add(controller)
          for (const chunk of before) controller.enqueue(chunk.slice())
        },
        pull() {
          isRead = true
          reading ??= readOne()
          return reading
        },
        cancel(reason) {
          if (own !== undefined) open.delete(own)
          if (open.size > 0) return undefined
          letGo()
          return reader.cancel(reason)
        },
      },
      { highWaterMark: 0, size: ({ byteLength }) => byteLength },
    )
  }

  const parts = Array.from({ length: count }, () => createPart([]))
  // Only now: where no stream can be made, as in workerd before 2023, the body stays as it was.
  const reader = body.getReader()
  return { parts, add: () => (kept !== undefined && isRead && open.size > 0 ? createPart(kept) : undefined) }
}

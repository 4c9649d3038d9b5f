/** As much of Node's `Readable` as is used here; `src` knows no types of Node. */
export type NodeStream = AsyncIterable<Uint8Array> & {
  on(event: string, listener: (value: never) => void): unknown
  destroy(error?: unknown): unknown
  /** It is over: nothing more comes, and what tells so has been told. */
  readonly destroyed: boolean
  /** What it failed with. */
  readonly errored?: Error | null
  /** Whether any of it was read. */
  readonly readableDidRead?: boolean
}

/** Whether data is a stream of Node's. */
export function isNodeStream(data: unknown): data is NodeStream {
  return typeof data === 'object' && data !== null && 'pipe' in data && 'on' in data && Symbol.asyncIterator in data
}

/** Whether data is a stream of the platform's. */
export function isWebStream(data: unknown): data is ReadableStream<Uint8Array<ArrayBuffer>> {
  return typeof data === 'object' && data !== null && 'getReader' in data
}

/** The same body as a stream of the platform's. Nothing is read before it is asked for. */
export function toWebStream(stream: NodeStream | ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  if ('getReader' in stream) return stream
  let chunks: AsyncIterator<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= stream[Symbol.asyncIterator]()
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: () => void stream.destroy(),
    },
    { highWaterMark: 0 },
  )
}

/** A body as a stream of the same kind as another one was. */
export function toStreamLike(
  original: NodeStream | ReadableStream<Uint8Array>,
  body: ReadableStream<Uint8Array> | null,
): unknown {
  const stream = body ?? new Blob([]).stream()
  if (isWebStream(original)) return stream
  // Every class of Node's streams inherits `from`; importing it would keep this file from browsers.
  const from: (chunks: AsyncIterable<Uint8Array>) => unknown = Reflect.get(original.constructor, 'from')
  return from(iterate(stream))
}

async function* iterate(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel()
  }
}

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DRAIN_GRACE_MS, drainBody, MAX_DRAINED_BYTES } from '../../../src/http/body-stream.js'

// Only the timer of the grace: streams and the macrotask afterwards run as they do in Node.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

const signed = Promise.resolve()
const never = new Promise<never>(() => undefined)

describe('drainBody', () => {
  it('returns the bytes of a body that ends', async () => {
    const { stream } = createBody(['{"a"', ':1}'])
    expect(text(await drainBody(stream, never))).toBe('{"a":1}')
  })

  it('returns what came of a body that breaks off', async () => {
    const { stream } = createBody(['half'], (controller) => controller.error(new TypeError('terminated')))
    expect(text(await drainBody(stream, never))).toBe('half')
  })

  it('reads a body of exactly its bound to the end', async () => {
    const { stream, wasCanceled } = createBody(['x'.repeat(MAX_DRAINED_BYTES)])
    expect(await drainBody(stream, never)).toHaveLength(MAX_DRAINED_BYTES)
    expect(wasCanceled()).toBe(false)
  })

  it('cancels a body that is longer than its bound', async () => {
    const { stream, wasCanceled, pulled } = createBody(['x'.repeat(1000)], () => undefined, Number.POSITIVE_INFINITY)
    await drainBody(stream, never)
    expect(wasCanceled()).toBe(true)
    expect(pulled()).toBeLessThan(MAX_DRAINED_BYTES + 10_000)
  })

  it('waits for a slow body as long as the signature takes, and the grace', async () => {
    const signing = createGate()
    const { stream, wasCanceled } = createBody(['slow'], () => undefined)
    const drained = drainBody(stream, signing.opened)
    await vi.advanceTimersByTimeAsync(10 * DRAIN_GRACE_MS)
    expect(wasCanceled()).toBe(false)
    signing.open()
    await vi.advanceTimersByTimeAsync(DRAIN_GRACE_MS - 1)
    expect(wasCanceled()).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(text(await drained)).toBe('slow')
    expect(wasCanceled()).toBe(true)
  })

  it('gives a slow body up when the signature fails', async () => {
    const { stream, wasCanceled } = createBody([], () => undefined)
    const drained = drainBody(stream, Promise.reject(new Error('the user said no')))
    await vi.advanceTimersByTimeAsync(DRAIN_GRACE_MS)
    await drained
    expect(wasCanceled()).toBe(true)
  })

  it('survives a body that can’t be canceled', async () => {
    const stream = new ReadableStream<Uint8Array>({ cancel: () => Promise.reject(new Error('stuck')) })
    const drained = drainBody(stream, signed)
    await vi.advanceTimersByTimeAsync(DRAIN_GRACE_MS)
    expect(await drained).toHaveLength(0)
  })

  it('leaves no timer behind when the body ends after the signature', async () => {
    const source = createGate()
    const { stream } = createBody(['late'], (controller) => void source.opened.then(() => controller.close()))
    const drained = drainBody(stream, signed)
    await vi.advanceTimersByTimeAsync(1)
    expect(vi.getTimerCount()).toBe(1)
    source.open()
    await drained
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no timer behind when the body ends before the signature', async () => {
    const signing = createGate()
    await drainBody(createBody(['{}']).stream, signing.opened)
    signing.open()
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
  })
})

type Controller = ReadableStreamDefaultController<Uint8Array>

/** A body of some chunks, over and over again if `times` says so, and then an end. */
function createBody(
  chunks: readonly string[],
  end: (controller: Controller) => void = (one) => one.close(),
  times = 1,
) {
  let isCanceled = false
  let bytes = 0
  let index = 0
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = index < chunks.length * times ? chunks[index++ % chunks.length] : undefined
        if (chunk === undefined) return end(controller)
        bytes += chunk.length
        controller.enqueue(new TextEncoder().encode(chunk))
      },
      cancel() {
        isCanceled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, wasCanceled: () => isCanceled, pulled: () => bytes }
}

/** Something that happens when the test says so. */
function createGate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { PEEK_TIMEOUT_MS, peekBody } from '../../../src/http/body-stream.js'

afterEach(() => void vi.useRealTimers())

describe('peekBody', () => {
  it('reads the text, and leaves the answer to the caller', async () => {
    const response = new Response('{"x402Version":1} ☂')
    expect(await peekBody(response, 100, undefined)).toBe('{"x402Version":1} ☂')
    expect(response.bodyUsed).toBe(false)
    expect(await response.text()).toBe('{"x402Version":1} ☂')
  })

  it('reads a text of exactly its bound', async () => {
    expect(await peekBody(new Response('12345'), 5, undefined)).toBe('12345')
  })

  it('reads nothing of a longer one, and leaves it whole to the caller', async () => {
    const response = new Response('123456')
    expect(await peekBody(response, 5, undefined)).toBeUndefined()
    expect(await response.text()).toBe('123456')
  })

  it('reads nothing of an answer without a body, or that was read already', async () => {
    const response = new Response('read')
    await response.text()
    expect(await peekBody(response, 5, undefined)).toBeUndefined()
    expect(await peekBody(new Response(null), 5, undefined)).toBeUndefined()
  })

  it('gives a slow one up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const peeked = peekBody(new Response(new ReadableStream()), 5, undefined)
    await vi.advanceTimersByTimeAsync(PEEK_TIMEOUT_MS)
    expect(await peeked).toBeUndefined()
  })

  it('gives up when the call is aborted', async () => {
    const abort = new AbortController()
    const peeked = peekBody(new Response(new ReadableStream()), 5, abort.signal)
    abort.abort()
    expect(await peeked).toBeUndefined()
  })

  it('leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await peekBody(new Response('{}'), 5, undefined)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('leaves no listener behind on a signal that lives longer', async () => {
    const { signal } = new AbortController()
    await peekBody(new Response('{}'), 5, signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

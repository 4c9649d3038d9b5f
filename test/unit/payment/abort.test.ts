import { afterEach, describe, expect, it, vi } from 'vitest'
import { abortable, anySignal, createDeadline } from '../../../src/payment/abort.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Signals as React Native has them: there is no `AbortSignal.any`. */
function stubPhone(): void {
  class PoorSignal extends AbortSignal {}
  Object.defineProperty(PoorSignal, 'any', { value: undefined })
  vi.stubGlobal('AbortSignal', PoorSignal)
  vi.stubGlobal('DOMException', undefined)
}

describe('anySignal, where the platform links no signals:', () => {
  it.each([0, 1])('fires when signal %i does, with its reason', (which) => {
    stubPhone()
    const both = [new AbortController(), new AbortController()] as const
    const signal = anySignal(both[0].signal, both[1].signal)
    expect(signal?.aborted).toBe(false)
    both[which]?.abort('why')
    expect(signal).toMatchObject({ aborted: true, reason: 'why' })
  })

  it('has fired when one of them had', () => {
    stubPhone()
    const done = new AbortController()
    done.abort('why')
    expect(anySignal(new AbortController().signal, done.signal)).toMatchObject({ aborted: true, reason: 'why' })
  })
})

describe('abortable:', () => {
  it('ends with an AbortError where a signal doesn’t say why', async () => {
    const { signal } = new AbortController()
    Object.defineProperty(signal, 'aborted', { value: true })
    await expect(abortable(new Promise(() => undefined), signal)).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('createDeadline:', () => {
  it('fires with a TimeoutError, also where there is no DOMException', async () => {
    stubPhone()
    const deadline = createDeadline(1, 'too late')
    await vi.waitFor(() => expect(deadline?.signal.aborted).toBe(true))
    expect(deadline?.signal.reason).toMatchObject({ name: 'TimeoutError', message: 'too late' })
  })
})

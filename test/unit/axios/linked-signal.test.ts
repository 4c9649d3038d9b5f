import axios from 'axios'
import { describe, expect, it } from 'vitest'
import { linkSignal } from '../../../src/axios/linked-signal.js'

/** What looks like a signal to axios and isn't the platform's, as polyfills make them. */
function createLookalike() {
  const listeners = new Set<() => void>()
  return {
    listeners,
    signal: {
      aborted: false,
      addEventListener: (_event: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_event: string, listener: () => void) => void listeners.delete(listener),
    },
  }
}

/** Axios tells its listeners of a token some microtasks later. */
const axiosHasTold = () => new Promise((resolve) => setImmediate(resolve))

describe('linkSignal', () => {
  it('is no signal where a call can not be canceled', () => {
    expect(linkSignal({}).signal).toBeUndefined()
  })

  it('hands on the signal of the platform as it is', () => {
    const { signal } = new AbortController()
    expect(linkSignal({ signal }).signal).toBe(signal)
  })

  it('fires with what only looks like a signal, also where that fired before', () => {
    const { listeners, signal } = createLookalike()
    const linked = linkSignal({ signal }).signal
    expect(linked?.aborted).toBe(false)
    for (const listener of listeners) listener()
    expect(linked?.aborted).toBe(true)
    expect(linkSignal({ signal: { ...signal, aborted: true } }).signal?.aborted).toBe(true)
  })

  it('lets go of what only looks like a signal, which may outlive the call', () => {
    const { listeners, signal } = createLookalike()
    const { unlink } = linkSignal({ signal, cancelToken: axios.CancelToken.source().token })
    expect(listeners.size).toBe(1)
    unlink()
    expect(listeners.size).toBe(0)
  })

  it('fires with the token where there is a signal too', async () => {
    const { token, cancel } = axios.CancelToken.source()
    const { signal } = linkSignal({ signal: new AbortController().signal, cancelToken: token })
    cancel('enough')
    await axiosHasTold()
    expect(signal?.reason).toMatchObject({ message: 'enough' })
  })

  it('lets go of a token, which may outlive the call', async () => {
    const { token, cancel } = axios.CancelToken.source()
    const { signal, unlink } = linkSignal({ cancelToken: token })
    unlink()
    cancel('enough')
    await axiosHasTold()
    expect(signal?.aborted).toBe(false)
  })
})

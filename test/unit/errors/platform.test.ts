import { afterEach, describe, expect, it, vi } from 'vitest'
import { x402Client } from '../../../src/client/x402-client.js'
import { refusalOf } from '../flow/refusal-of.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** The error of a client that is made now. */
const make = (options = {}) => refusalOf(Promise.resolve().then(() => new x402Client(options)))

describe('error: PLATFORM_LACKS when', () => {
  it.each(['AbortController', 'TextDecoder', 'TextEncoder', 'URL', 'atob', 'btoa'])('there is no %s', async (name) => {
    vi.stubGlobal(name, undefined)
    const error = await make()
    expect(error).toMatchObject({ code: 'PLATFORM_LACKS', money: 'untouched' })
    expect(error.shortMessage).toBe(`This platform lacks ${name}.`)
  })

  it('a URL throws at its members, as React Native’s does', async () => {
    class HalfURL {
      get port(): string {
        throw new Error('URL.port is not implemented')
      }
    }
    vi.stubGlobal('URL', HalfURL)
    expect((await make()).shortMessage).toBe('This platform lacks URL.')
  })

  it('nothing brings random bytes', async () => {
    vi.stubGlobal('crypto', {})
    expect((await make()).shortMessage).toBe('This platform lacks crypto.getRandomValues.')
    expect(new x402Client({ random: (length) => new Uint8Array(length) })).toBeInstanceOf(x402Client)
  })
})

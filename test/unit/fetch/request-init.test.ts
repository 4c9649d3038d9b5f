import { describe, expect, it } from 'vitest'
import { keepRequestBody } from '../../../src/fetch/request-init.js'

const url = 'http://127.0.0.1/x'
const post = (body: BodyInit = 'question') => new Request(url, { method: 'POST', body })

describe('keepRequestBody', () => {
  it('keeps the bytes that sending uses up', async () => {
    const request = post('question ☂')
    const kept = keepRequestBody(request, undefined)
    await request.text()
    expect(new TextDecoder().decode(await kept?.read())).toBe('question ☂')
  })

  it('leaves the request to be sent', async () => {
    const request = post()
    keepRequestBody(request, undefined)
    expect(request.bodyUsed).toBe(false)
    expect(await request.text()).toBe('question')
  })

  it('lets go of its copy without a loss to the request', async () => {
    const request = post()
    keepRequestBody(request, undefined)?.cancel()
    expect(await request.text()).toBe('question')
  })

  it('can be let go after it was read', async () => {
    const kept = keepRequestBody(post(), undefined)
    await kept?.read()
    expect(() => kept?.cancel()).not.toThrow()
  })

  it('keeps the body of the request where init has only nothing', () => {
    expect(keepRequestBody(post(), { body: null })).toBeDefined()
    expect(keepRequestBody(post(), { method: 'PUT' })).toBeDefined()
  })

  it.each<[string, RequestInfo | URL, RequestInit | undefined]>([
    ['an address', url, { method: 'POST', body: 'question' }],
    ['a URL', new URL(url), undefined],
    ['a request without a body', new Request(url), undefined],
    ['a request whose body init replaces', post(), { body: 'another' }],
  ])('keeps nothing of %s', (_what, input, init) => {
    expect(keepRequestBody(input, init)).toBeUndefined()
  })

  it('keeps nothing of a body that was used already, which fetch refuses by itself', async () => {
    const request = post()
    await request.text()
    expect(keepRequestBody(request, undefined)).toBeUndefined()
  })
})

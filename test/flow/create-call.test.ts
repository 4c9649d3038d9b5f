import { describe, expect, it, vi } from 'vitest'
import { type CallFacts, createCall } from '../../src/flow/create-call.js'
import { isX402Error } from '../../src/index.js'
import { createLimits } from '../../src/limits/create-limits.js'

const limits = createLimits()

const url = 'https://api.example.com/report?q=1'

describe('createCall: what names a purchase', () => {
  it.each<[string, Changes, Changes]>([
    ['the same request', {}, {}],
    ['another fragment', {}, { url: `${url}#part` }],
    ['credentials in the address', {}, { url: 'https://ada:secret@api.example.com/report?q=1' }],
    ['the default port written out', {}, { url: 'https://api.example.com:443/report?q=1' }],
    ['a host in capitals', {}, { url: 'https://API.example.com/report?q=1' }],
    ['another header', {}, { headers: { 'x-trace': '2', accept: 'text/html', 'user-agent': 'x' } }],
    ['other tags', {}, { options: { tags: ['a'] } }],
    ['an empty key', {}, { options: { purchase: '' } }],
    ['an empty Idempotency-Key', {}, { headers: { 'idempotency-key': '' } }],
    [
      'one key, with all else different',
      { options: { purchase: 'k' } },
      { ...everythingElse(), options: { purchase: 'k' } },
    ],
    [
      'one Idempotency-Key, with all else different',
      { headers: { 'idempotency-key': 'k' } },
      { ...everythingElse(), headers: { ...everythingElse().headers, 'idempotency-key': 'k' } },
    ],
    ['one key, as an option and as a header', { options: { purchase: 'k' } }, { headers: { 'idempotency-key': 'k' } }],
  ])('is the same for %s', async (_what, one, other) => {
    expect(await nameOf(one)).toBe(await nameOf(other))
  })

  it.each<[string, Changes, Changes]>([
    ['method', {}, { method: 'POST' }],
    ['path', {}, { url: 'https://api.example.com/other?q=1' }],
    ['query', {}, { url: 'https://api.example.com/report?q=2' }],
    ['host', {}, { url: 'https://api.example.org/report?q=1' }],
    ['port', {}, { url: 'https://api.example.com:8443/report?q=1' }],
    ['protocol', {}, { url: 'http://api.example.com/report?q=1' }],
    ['body', {}, { body: 'digest' }],
    ['authorization', {}, { headers: { authorization: 'Bearer a' } }],
    ['cookie', {}, { headers: { cookie: 'session=1' } }],
    ['range', {}, { headers: { range: 'bytes=0-9' } }],
    ['header, though its value is the same', { headers: { cookie: 'x' } }, { headers: { range: 'x' } }],
    ['key', { options: { purchase: 'a' } }, { options: { purchase: 'b' } }],
    ['key than the one of the header', { options: { purchase: 'a' } }, { headers: { 'idempotency-key': 'b' } }],
    [
      'origin that one key is sent to',
      { options: { purchase: 'k' } },
      { options: { purchase: 'k' }, url: 'https://api.example.org/report?q=1' },
    ],
  ])('is another for another %s', async (_what, one, other) => {
    expect(await nameOf(one)).not.toBe(await nameOf(other))
  })

  it('is the key of the call rather than the one of the header', async () => {
    const both = { options: { purchase: 'k' }, headers: { 'idempotency-key': 'other' } }
    expect(await nameOf(both)).toBe(await nameOf({ options: { purchase: 'k' } }))
  })

  it('can’t be made by a key that looks like a request', async () => {
    const key = JSON.stringify(['request', 'GET', url, '', '', '', ''])
    expect(await nameOf({ options: { purchase: key } })).not.toBe(await nameOf({}))
  })

  it('holds nothing that was named: it is a digest', async () => {
    expect(await nameOf({ headers: { authorization: 'Bearer secret' } })).toMatch(/^[0-9a-f]{64}$/)
  })

  it('is computed when it is asked for, and once', async () => {
    const digestBody = vi.fn(async () => 'digest')
    const call = createCall({ limits, method: 'GET', url, digestBody })
    expect(digestBody).not.toHaveBeenCalled()
    expect(await call.purchase()).toBe(await call.purchase())
    expect(digestBody).toHaveBeenCalledTimes(1)
  })

  it('reads no body where a key names it', async () => {
    const digestBody = vi.fn(async () => 'digest')
    await createCall({ limits, method: 'GET', url, options: { purchase: 'k' }, digestBody }).purchase()
    expect(digestBody).not.toHaveBeenCalled()
  })
})

describe('createCall: what it says of the call', () => {
  it('shows the resource without credentials, query and fragment', () => {
    const call = createCall({ limits, method: 'POST', url: 'https://ada:pw@api.example.com/a/b?token=secret#part' })
    expect(call.resource).toBe('POST https://api.example.com/a/b')
  })

  it('keeps the origin and the host that limits are scoped to', () => {
    const call = createCall({ limits, method: 'GET', url: 'https://API.example.com:8443/a' })
    expect([call.origin, call.host]).toEqual(['https://api.example.com:8443', 'api.example.com:8443'])
  })

  it('keeps its tags, whatever becomes of the caller’s list', () => {
    const tags = ['research']
    const call = createCall({ limits, method: 'GET', url, options: { tags } })
    tags.push('unlimited')
    expect(call.tags).toEqual(['research'])
    expect(Object.isFrozen(call.tags)).toBe(true)
  })

  it.each(['/report', 'report', '', 'api.example.com/report', 'https://'])(
    'error: URL_NOT_ABSOLUTE when the address is %j',
    (relative) => {
      expect(() => createCall({ limits, method: 'GET', url: relative })).toThrow(
        expect.toSatisfy(
          (error) => isX402Error(error) && error.code === 'URL_NOT_ABSOLUTE' && error.money === 'untouched',
        ),
      )
    },
  )
})

type Changes = Partial<Pick<CallFacts, 'method' | 'url' | 'options'>> & {
  headers?: Readonly<Record<string, string>>
  body?: string
}

function nameOf({ headers = {}, body = '', ...changes }: Changes): Promise<string> {
  const header = (name: string) => headers[name] ?? null
  return createCall({ limits, method: 'GET', url, header, digestBody: async () => body, ...changes }).purchase()
}

/** All that names a purchase without a key, but for the origin. */
function everythingElse() {
  const headers = { authorization: 'Bearer a', cookie: 'session=1', range: 'bytes=0-9' }
  return { method: 'PUT', url: 'https://api.example.com/other?q=2', headers, body: 'digest' }
}

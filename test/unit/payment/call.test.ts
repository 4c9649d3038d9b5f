import { describe, expect, it, vi } from 'vitest'
import { isX402Error } from '../../../src/index.js'
import { createLimits } from '../../../src/limits/create-limits.js'
import { type CallGiven, createCall } from '../../../src/payment/call.js'
import type { PurchaseRules } from '../../../src/payment/ports.js'
import { listCredentialHeaders } from '../../../src/payment/purchase-name.js'

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
    ['API key', {}, { headers: { 'x-api-key': 'ann' } }],
    ['tenant', { headers: { 'x-tenant-id': '1' } }, { headers: { 'x-tenant-id': '2' } }],
    ['tag', {}, { options: { tags: ['a'] } }],
    ['division of tags', { options: { tags: ['a', 'b'] } }, { options: { tags: ['ab'] } }],
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
    expect(await call.names()).toBe(await call.names())
    expect(digestBody).toHaveBeenCalledTimes(1)
  })

  it('is what the caller wrote, wherever a redirect led', async () => {
    const redirected = { url: `${url}&sid=17`, asked: url }
    expect(await nameOf(redirected)).toBe(await nameOf({}))
  })

  it('knows a header that the client calls one of its buyers’', async () => {
    const purchases: PurchaseRules = {
      buyers: undefined,
      credentialHeaders: listCredentialHeaders(['x-shop']),
      delivers: [],
    }
    const of = (shop: string) => nameOf({ purchases, headers: { 'x-shop': shop } })
    expect(await of('1')).not.toBe(await of('2'))
  })
})

describe('createCall: what names a purchase coarsely', () => {
  it.each<[string, Changes]>([
    ['token', { headers: { authorization: 'Bearer b' } }],
    ['cookie', { headers: { cookie: 'session=2' } }],
  ])('is the same with another %s', async (_what, changes) => {
    expect(await coarseOf(changes)).toBe(await coarseOf({}))
    expect(await coarseOf({})).toBe(await nameOf({}))
  })

  it.each<[string, Changes]>([
    ['API key', { headers: { 'x-api-key': 'ann' } }],
    ['tenant', { headers: { 'x-tenant-id': '2' } }],
    ['body', { body: 'digest' }],
    ['tag', { options: { tags: ['a'] } }],
  ])('is another for another %s', async (_what, changes) => {
    expect(await coarseOf(changes)).not.toBe(await coarseOf({}))
  })

  it('is that of the request under a key', async () => {
    expect(await coarseOf({ options: { purchase: 'k' } })).toBe(await coarseOf({}))
  })

  it('is the only name where one buyer calls', async () => {
    const purchases: PurchaseRules = { buyers: 'one', credentialHeaders: listCredentialHeaders([]), delivers: [] }
    const signed = { purchases, headers: { authorization: 'Bearer b', cookie: 'session=2' } }
    expect(await nameOf(signed)).toBe(await nameOf({ purchases }))
    expect(await coarseOf(signed)).toBe(await nameOf(signed))
  })

  it('belongs to its buyer under a key, where many buyers call', async () => {
    const purchases: PurchaseRules = { buyers: 'many', credentialHeaders: listCredentialHeaders([]), delivers: [] }
    const of = (token: string) =>
      namesOf({ purchases, options: { purchase: 'k' }, headers: { authorization: `Bearer ${token}` } })
    expect(await of('ann')).toEqual(await of('ann'))
    expect((await of('ann')).purchase).not.toBe((await of('bob')).purchase)
  })

  it('is none where many buyers call', async () => {
    const purchases: PurchaseRules = { buyers: 'many', credentialHeaders: listCredentialHeaders([]), delivers: [] }
    expect(await coarseOf({ purchases })).toBeUndefined()
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

describe('createCall: what limits per resource count', () => {
  const askedOf = (asked: string, url = asked, method = 'GET') => createCall({ limits, method, url, asked }).asked()

  it.each([
    ['https://ada:pw@api.example.com/a?b#c', 'GET https://api.example.com/a'],
    ['https://API.example.com.:443/a', 'GET https://api.example.com/a'],
    ['https://api.example.com:8443', 'GET https://api.example.com:8443/'],
    ['https://api.example.com/%61%2d%5f%7E/%2f%c3%a9', 'GET https://api.example.com/a-_~/%2F%C3%A9'],
    ['https://api.example.com/x/%2e%2E/a', 'GET https://api.example.com/a'],
  ])('takes %s for %s', (url, resource) => {
    expect(askedOf(url)).toBe(resource)
  })

  it('is what the caller asked for, wherever a redirect led', () => {
    const elsewhere = 'https://pay.example.com/offers/1'
    expect(askedOf('https://api.example.com/a', elsewhere, 'POST')).toBe('POST https://api.example.com/a')
  })

  it('takes http that was upgraded to https for https', () => {
    expect(askedOf('http://api.example.com/a', 'https://api.example.com/b')).toBe('GET https://api.example.com/a')
    expect(askedOf('http://api.example.com/a', 'https://pay.example.com/b')).toBe('GET https://api.example.com/a')
  })

  it('is unknown where no one said which address asked', () => {
    const call = createCall({ limits, method: 'GET', url: undefined })
    expect([call.asked(), call.digestAsked()]).toEqual([undefined, undefined])
  })

  it('has a digest that tells queries apart, and no spellings', () => {
    const digestOf = (url: string, method = 'GET') => createCall({ limits, method, url }).digestAsked()
    const digest = digestOf('https://api.example.com/a?b=1')
    expect(digest).toMatch(/^[0-9a-f]{32}$/)
    expect(digestOf('https://api.example.com./%61?b=1#c')).toBe(digest)
    const others = ['https://api.example.com/a?b=2', 'https://api.example.com/a', 'https://api.example.com/ab=1']
    for (const other of others) expect(digestOf(other)).not.toBe(digest)
    expect(digestOf('https://api.example.com/a?b=1', 'POST')).not.toBe(digest)
  })
})

type Changes = Partial<Pick<CallGiven, 'method' | 'url' | 'asked' | 'options' | 'purchases'>> & {
  headers?: Readonly<Record<string, string>>
  body?: string
}

async function nameOf(changes: Changes): Promise<string> {
  return (await namesOf(changes)).purchase
}

async function coarseOf(changes: Changes): Promise<string | undefined> {
  return (await namesOf(changes)).coarse
}

function namesOf({ headers = {}, body = '', ...changes }: Changes) {
  const header = (name: string) => headers[name] ?? null
  return createCall({ limits, method: 'GET', url, header, digestBody: async () => body, ...changes }).names()
}

/** All that names a purchase without a key, but for the origin. */
function everythingElse() {
  const headers = { authorization: 'Bearer a', cookie: 'session=1', range: 'bytes=0-9' }
  return { method: 'PUT', url: 'https://api.example.com/other?q=2', headers, body: 'digest' }
}

import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { snapshotBody } from '../../../src/http/body-snapshot.js'

const bytes = (text: string) => new TextEncoder().encode(text)
const form = (entries: readonly (readonly [string, string])[]) => {
  const created = new FormData()
  for (const [name, value] of entries) created.append(name, value)
  return created
}
const file = (name: string, type = 'text/plain', text = 'contents') => {
  const created = new FormData()
  created.append('file', new File([text], name, { type }))
  return created
}

/** Every kind of body that can be sent twice; each call makes an equal one. */
const kinds: Record<string, () => BodyInit> = {
  'a string': () => 'a=1',
  'an ArrayBuffer': () => bytes('a=1').buffer,
  'a typed array': () => bytes('xa=1x').subarray(1, 4),
  'a typed array of wide numbers': () => new Uint16Array([1, 2, 3]).subarray(1),
  'a DataView': () => new DataView(bytes('xa=1x').buffer, 1, 3),
  'a Blob': () => new Blob(['a=1'], { type: 'text/plain' }),
  'a File': () => new File(['a=1'], 'a.txt'),
  URLSearchParams: () => new URLSearchParams('a=1'),
  FormData: () => form([['a', '1']]),
  'FormData with a file': () => file('a.txt'),
}

describe.each(Object.entries(kinds))('snapshotBody: %s', (_kind, create) => {
  it('sends the same bytes', async () => {
    expect(await sent(snapshotBody(create())?.body)).toBe(await sent(create()))
  })

  it('has the same digest whenever it is asked', async () => {
    const snapshot = snapshotBody(create())
    const digest = await snapshot?.digest()
    expect(digest).toMatch(/^(form:)?[0-9a-f]{64}$/)
    expect(await snapshot?.digest()).toBe(digest)
    expect(await digestOf(create())).toBe(digest)
  })

  it('can be sent after it was digested', async () => {
    const snapshot = snapshotBody(create())
    await snapshot?.digest()
    expect(await sent(snapshot?.body)).toBe(await sent(create()))
  })
})

describe('snapshotBody: nothing', () => {
  it.each([undefined, null])('digests %j to nothing', async (body) => {
    const snapshot = snapshotBody(body)
    expect(snapshot?.body).toBeUndefined()
    expect(await snapshot?.digest()).toBe('')
  })

  it.each<[string, BodyInit]>([
    ['text', ''],
    ['bytes', bytes('')],
    ['Blob', new Blob([])],
    ['query', new URLSearchParams()],
  ])('takes an empty %s for no body, as a seller does', async (_kind, body) => {
    expect(await digestOf(body)).toBe('')
  })
})

describe('snapshotBody: what the caller does with his body later changes nothing', () => {
  it('of an ArrayBuffer', async () => {
    const body = bytes('before').buffer
    await expectUnchanged(body, () => new Uint8Array(body).fill(120))
  })

  it('of a view', async () => {
    const body = bytes('before')
    await expectUnchanged(body, () => body.fill(120))
  })

  it('of URLSearchParams', async () => {
    const body = new URLSearchParams('a=1')
    await expectUnchanged(body, () => body.set('a', '2'))
  })

  it('of FormData', async () => {
    const body = form([['a', '1']])
    await expectUnchanged(body, () => body.set('a', '2'))
  })

  async function expectUnchanged(body: BodyInit, change: () => void): Promise<void> {
    const before = [await sent(body), await digestOf(body)]
    const snapshot = snapshotBody(body)
    change()
    expect([await sent(snapshot?.body), await snapshot?.digest()]).toEqual(before)
  }
})

describe('snapshotBody: digest', () => {
  it.each<[string, BodyInit, BodyInit]>([
    ['texts', 'a', 'b'],
    ['bytes', bytes('a'), bytes('b')],
    ['blobs', new Blob(['a']), new Blob(['b'])],
    ['queries', new URLSearchParams('a=1'), new URLSearchParams('a=2')],
    ['forms', form([['a', '1']]), form([['a', '2']])],
    [
      'orders of a form',
      form([
        ['a', '1'],
        ['b', '2'],
      ]),
      form([
        ['b', '2'],
        ['a', '1'],
      ]),
    ],
    ['names of a file', file('a.txt'), file('b.txt')],
    ['types of a file', file('a.txt', 'text/plain'), file('a.txt', 'text/html')],
    ['contents of a file', file('a.txt', 'text/plain', 'a'), file('a.txt', 'text/plain', 'b')],
  ])('differs for different %s', async (_what, one, other) => {
    expect(await digestOf(one)).not.toBe(await digestOf(other))
  })

  it('differs for a form and for the text that its entries are digested as', async () => {
    const parts = ['form', 'a', 'text', '1']
    const text = parts.map((part) => `${part.length}:${part}`).join('')
    expect(await digestOf(form([['a', '1']]))).not.toBe(await digestOf(text))
  })

  it.each([
    ['text', (text: string) => text],
    ['bytes', bytes],
  ])('is one for each form that is %s already, whatever its boundary', async (_kind, toBody) => {
    const digest = (boundary: string, value: string, written = `boundary=${boundary}`) => {
      const body = toBody(
        `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--${boundary}--\r\n`,
      )
      return snapshotBody(body, () => `multipart/form-data; charset=utf-8; ${written}`)?.digest()
    }
    const one = await digest('----first', '1')
    expect(await digest('----second', '1')).toBe(one)
    expect(await digest('----third', '1', 'boundary="----third"; x=y')).toBe(one)
    expect(await digest('----second', '2')).not.toBe(one)
  })

  it('is the same for the same bytes, whatever holds them', async () => {
    const alike = Object.keys(kinds).filter((kind) => !/form|wide/i.test(kind))
    expect(alike).toHaveLength(7)
    const digests = await Promise.all(alike.map((kind) => digestOf(kinds[kind]?.())))
    expect(new Set(digests).size).toBe(1)
  })

  it('is one for each list of entries, for any form', async () => {
    const entries = fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(entries, entries, async (one, other) => {
        const isSame = JSON.stringify(one) === JSON.stringify(other)
        expect((await digestOf(form(one))) === (await digestOf(form(other)))).toBe(isSame)
      }),
      {
        examples: [
          [
            [
              ['a', 'b'],
              ['c', 'd'],
            ],
            [
              ['a', 'b'],
              ['c', '","text","d'],
            ],
          ],
        ],
      },
    )
  })
})

describe('snapshotBody: refuses what can be read only once', () => {
  it.each<[string, unknown]>([
    ['a stream', new Blob(['once']).stream()],
    ['an async iterable', Readable.from(['once'])],
    ['an iterable', [bytes('once')].values()],
    ['an object that it doesn’t know', { a: 1 }],
    ['an object that would be written as text', { toString: () => 'once' }],
    ['a number', 1],
    ['an object that only says that it is a Blob by its name', { constructor: Blob }],
  ])('such as %s', (_what, body) => {
    expect(snapshotBody(body)).toBeUndefined()
  })
})

describe('snapshotBody: bodies of other realms and libraries', () => {
  it('takes a view of another realm', async () => {
    expect(await digestOf(runInNewContext('new Uint8Array([97])'))).toBe(await digestOf(bytes('a')))
  })

  it('takes an ArrayBuffer of another realm, as under Jest', async () => {
    expect(await digestOf(runInNewContext('new Uint8Array([97]).buffer'))).toBe(await digestOf(bytes('a')))
  })

  it('refuses a FormData that is a stream, as the package form-data makes it', () => {
    class StreamedForm {
      readonly [Symbol.toStringTag] = 'FormData'
    }
    expect(snapshotBody(new StreamedForm())).toBeUndefined()
  })
})

async function digestOf(body: unknown): Promise<string | undefined> {
  return snapshotBody(body)?.digest()
}

/** What goes over the wire, with its type; boundaries are another at every send. */
async function sent(body: BodyInit | undefined): Promise<string> {
  const request = new Request('http://127.0.0.1', { method: 'POST', body: body ?? null })
  const type = request.headers.get('content-type') ?? ''
  const boundary = /boundary=(.+)$/.exec(type)?.[1] ?? '\0'
  return `${type}\n${await request.text()}`.replaceAll(boundary, 'boundary')
}

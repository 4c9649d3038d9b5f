import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeJsonHeader, encodeJsonHeader, MAX_HEADER_LENGTH } from '../../../src/wire/header-codec.js'

describe('decodeJsonHeader', () => {
  it('reads what encodeJsonHeader wrote, for any object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const json = JSON.parse(JSON.stringify(object))
        expect(decodeJsonHeader(encodeJsonHeader(json))).toEqual({ value: json })
      }),
    )
  })

  it('reads base64 without padding', () => {
    expect(decodeJsonHeader(btoa('{"a":1}').replaceAll('=', ''))).toEqual({ value: { a: 1 } })
  })

  it('keeps characters beyond ASCII', () => {
    expect(decodeJsonHeader(encodeJsonHeader({ name: 'USD₮0 ☂' }))).toEqual({ value: { name: 'USD₮0 ☂' } })
  })

  it('reads what it wrote, however long and beyond ASCII', () => {
    const long = { text: 'a₮'.repeat(50_000) }
    expect(decodeJsonHeader(encodeJsonHeader(long))).toEqual({ value: long })
  })

  it('reads the alphabet for URLs', () => {
    const header = btoa('{"a":"?>?>~~~"}')
    expect(header).toMatch(/[+/]/)
    const value = { a: '?>?>~~~' }
    expect(decodeJsonHeader(header.replaceAll('+', '-').replaceAll('/', '_'))).toEqual({ value })
  })

  it('reads a header that was sent twice, and refuses two that differ', () => {
    const [one, other] = [btoa('{"a":1}'), btoa('{"a":2}')]
    expect(decodeJsonHeader(`${one}, ${one}`)).toEqual({ value: { a: 1 } })
    expect(decodeJsonHeader(`${one}, ${other}`)).toEqual({ problem: 'it was sent twice with different content' })
  })

  it('says what is wrong, whatever it is given', () => {
    const bad = [
      '',
      '%',
      'a',
      'e30=e30=',
      btoa('[]'),
      btoa('null'),
      btoa('{'),
      btoa('"x"'),
      btoa('\xff\xfe'),
      '{"a":1}',
    ]
    for (const header of bad) expect(decodeJsonHeader(header), header).toHaveProperty('problem')
    expect(decodeJsonHeader('A'.repeat(MAX_HEADER_LENGTH + 1))).toHaveProperty('problem')
  })

  it('says so when it is given no text', () => {
    expect(decodeJsonHeader(null as never)).toHaveProperty('problem')
  })

  it('throws for no text at all', () => {
    fc.assert(fc.property(fc.string(), (text) => void decodeJsonHeader(text)))
  })

  it('gives keys such as __proto__ no power', () => {
    const header = btoa('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}')
    expect(decodeJsonHeader(header)).toHaveProperty('value')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

import { describe, expect, it } from 'vitest'
import { readHeader, withHeaders } from '../../../src/http/request-headers.js'

const added = { 'PAYMENT-SIGNATURE': 'signed' }

describe('withHeaders', () => {
  it('writes ours alone where the caller has none', () => {
    expect(withHeaders(undefined, added)).toEqual(added)
  })

  it('keeps an object an object, and its spelling', () => {
    const headers = withHeaders({ 'X-Trace-ID': 't', accept: 'a' }, added)
    expect(headers).toEqual({ 'X-Trace-ID': 't', accept: 'a', 'PAYMENT-SIGNATURE': 'signed' })
  })

  it('keeps a list a list, with what it says twice', () => {
    const headers = withHeaders(
      [
        ['X-Twice', 'a'],
        ['x-twice', 'b'],
      ],
      added,
    )
    expect(headers).toEqual([
      ['X-Twice', 'a'],
      ['x-twice', 'b'],
      ['PAYMENT-SIGNATURE', 'signed'],
    ])
  })

  it('keeps Headers Headers', () => {
    const headers = withHeaders(new Headers({ 'X-Trace': 't' }), added)
    expect(headers).toBeInstanceOf(Headers)
    expect([...new Headers(headers)]).toEqual([
      ['payment-signature', 'signed'],
      ['x-trace', 't'],
    ])
  })

  it.each<[string, HeadersInit]>([
    ['an object', { a: '1' }],
    ['a list', [['a', '1']]],
    ['Headers', new Headers({ a: '1' })],
  ])('leaves %s of the caller as it is', (_form, headers) => {
    withHeaders(headers, added)
    expect([...new Headers(headers)]).toEqual([['a', '1']])
  })
})

describe('readHeader', () => {
  it.each<[string, HeadersInit]>([
    ['an object', { 'X-Trace': 't' }],
    ['a list', [['X-Trace', 't']]],
    ['Headers', new Headers({ 'X-Trace': 't' })],
  ])('reads %s in any case', (_form, headers) => {
    expect(readHeader(headers, 'x-TRACE')).toBe('t')
    expect(readHeader(headers, 'absent')).toBeNull()
  })

  it('reads nothing where there is nothing', () => {
    expect(readHeader(undefined, 'x-trace')).toBeNull()
  })
})

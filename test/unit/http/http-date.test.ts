import { assert as holds, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readHttpDate } from '../../../src/http/http-date.js'

describe('readHttpDate', () => {
  // The dates of RFC 9110, section 5.6.7: one moment in three forms.
  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'reads %j',
    (text) => {
      expect(readHttpDate(text)).toBe(784_111_777)
    },
  )

  it('reads a year of two digits as of this century, where it can be', () => {
    expect(readHttpDate('Tuesday, 14-Nov-23 22:13:20 GMT')).toBe(1_700_000_000)
  })

  it.each([
    '',
    '7',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Now 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT',
  ])('reads nothing in %j', (text) => {
    expect(readHttpDate(text)).toBeUndefined()
  })

  it('reads what the platform writes, for any second', () => {
    void holds(
      property(integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(readHttpDate(new Date(seconds * 1000).toUTCString())).toBe(seconds)
      }),
    )
  })
})

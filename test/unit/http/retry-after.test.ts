import { describe, expect, it } from 'vitest'
import { readRetryAfter } from '../../../src/http/paid-response.js'

/** Tuesday, 14 November 2023, 22:13:20 GMT. */
const NOW = 1_700_000_000

const read = (retryAfter: string | null, date: string | null = null) =>
  readRetryAfter({ header: (name) => (name === 'date' ? date : name === 'retry-after' ? retryAfter : null) }, NOW)

describe('readRetryAfter', () => {
  it.each([
    ['0', 0],
    ['7', 7000],
    ['10', 10_000],
    ['11', Number.POSITIVE_INFINITY],
    ['Tue, 14 Nov 2023 22:13:27 GMT', 7000],
    ['Tue, 14 Nov 2023 22:13:30 GMT', 10_000],
    ['Tue, 14 Nov 2023 22:13:31 GMT', Number.POSITIVE_INFINITY],
    ['Tue, 14 Nov 2023 22:00:00 GMT', 0],
    [null, undefined],
    ['', undefined],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
  ])('of %j: %j milliseconds', (text, milliseconds) => {
    expect(read(text)).toBe(milliseconds)
  })

  it('counts a date from the seller’s own, whatever our clock says', () => {
    expect(read('Sun, 06 Nov 1994 08:49:40 GMT', 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(3000)
  })

  it('counts a date from our clock, where the seller’s own can’t be read', () => {
    expect(read('Tue, 14 Nov 2023 22:13:27 GMT', 'today')).toBe(7000)
  })
})

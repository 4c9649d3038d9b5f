import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Amount, compareAmounts, formatUnits, isAmount } from '../../../src/wire/amount.js'

const max = 2n ** 256n - 1n

describe('isAmount', () => {
  it('takes a plain positive integer below 2^256', () => {
    for (const good of ['1', '10000', String(max)]) expect(isAmount(good), good).toBe(true)
  })

  it('refuses everything else', () => {
    const bad = [
      '',
      '0',
      '-1',
      '+1',
      '01',
      '1.0',
      '1e3',
      '0x1',
      ' 1',
      '1 ',
      '１',
      String(max + 1n),
      '9'.repeat(200_000),
    ]
    for (const value of [...bad, 1, 1n, null, undefined, {}, ['1']]) expect(isAmount(value), String(value)).toBe(false)
  })
})

it('compareAmounts: orders as numbers do', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max }), fc.bigInt({ min: 1n, max }), (a, b) => {
      const order = Math.sign(compareAmounts(String(a) as Amount, String(b) as Amount))
      expect(order).toBe(a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})

it('formatUnits: writes at least two digits behind the point, and no zero too many', () => {
  expect([formatUnits(1_500_000n, 6), formatUnits(1n, 6), formatUnits(123n, 0), formatUnits(10n ** 18n, 18)]).toEqual([
    '1.50',
    '0.000001',
    '123.00',
    '1.00',
  ])
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toAtto } from '../../../src/limits/units.js'

describe('toAtto', () => {
  it.each([
    [1_000_000n, 6, 10n ** 18n],
    [1n, 0, 10n ** 18n],
    [1n, 18, 1n],
    [1n, 19, 1n],
    [10n, 19, 1n],
    [11n, 19, 2n],
    [1n, 255, 1n],
    [0n, 255, 0n],
  ])('writes %d units with %d decimals as %d', (amount, decimals, atto) => {
    expect(toAtto(amount, decimals)).toBe(atto)
  })

  it('never rounds down, and up by less than one', () => {
    const rounds = fc.property(fc.bigInt(0n, 2n ** 256n - 1n), fc.integer({ min: 0, max: 255 }), (amount, decimals) => {
      const scale = 10n ** BigInt(decimals)
      const surplus = toAtto(amount, decimals) * scale - amount * 10n ** 18n
      expect(surplus).toBeGreaterThanOrEqual(0n)
      expect(surplus).toBeLessThan(scale)
    })
    fc.assert(rounds, { numRuns: 500 })
  })
})

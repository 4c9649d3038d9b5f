import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { createLimits } from '../../src/limits/index.js'

const network = 'eip155:8453'
const EURC = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42'

describe('createLimits: options', () => {
  const entry = { network, asset: EURC }
  it.each<[unknown, string, string]>([
    [
      { perHour: '$1' },
      'UNKNOWN_OPTION',
      'The option `limits.perHour` is unknown.\nKnown are: perPayment, assets, perDay, total.',
    ],
    [{ maxAmount: 1n }, 'UNKNOWN_OPTION', '`limits.maxAmount`'],
    [{ assets: [entry, { ...entry, max: 1n }] }, 'UNKNOWN_OPTION', '`limits.assets[1].max`'],
    [{ perDay: { ...entry, amount: 1n, symbol: 'X' } }, 'UNKNOWN_OPTION', '`limits.perDay.symbol`'],
    [null, 'INVALID_OPTION', '`limits` must be an object'],
    ['$1', 'INVALID_OPTION', '`limits` must be an object'],
    [['$1'], 'INVALID_OPTION', '`limits` must be an object'],
    [{ perPayment: 1 }, 'INVALID_MONEY', '`limits.perPayment`'],
    [{ perPayment: null }, 'INVALID_MONEY', '`limits.perPayment`'],
    [{ perDay: Number.POSITIVE_INFINITY }, 'INVALID_MONEY', '`limits.perDay`'],
    [{ total: 5n }, 'INVALID_MONEY', '`limits.total`'],
    [{ assets: {} }, 'INVALID_OPTION', '`limits.assets` must be a list'],
    [{ assets: [undefined] }, 'INVALID_OPTION', '`limits.assets[0]` must be an object'],
    [{ assets: [{ ...entry, network: 'base' }] }, 'INVALID_OPTION', '`limits.assets[0].network`'],
    [{ assets: [{ ...entry, asset: 5 }] }, 'INVALID_OPTION', '`limits.assets[0].asset`'],
    [{ assets: [{ ...entry, perPayment: 5 }] }, 'INVALID_MONEY', '`limits.assets[0].perPayment`'],
    [{ assets: [{ ...entry, perPayment: '-5' }] }, 'INVALID_MONEY', '`limits.assets[0].perPayment`'],
    [
      { assets: [{ ...entry, perPayment: { ...entry, amount: 5n } }] },
      'INVALID_MONEY',
      '`limits.assets[0].perPayment`',
    ],
    [{ assets: [{ ...entry, symbol: 'a b' }] }, 'INVALID_OPTION', '`limits.assets[0].symbol`'],
    [{ assets: [{ ...entry, decimals: '6' }] }, 'INVALID_OPTION', '`limits.assets[0].decimals`'],
    [{ assets: [{ ...entry, decimals: 256 }] }, 'INVALID_OPTION', '`limits.assets[0].decimals`'],
    [{ assets: [{ ...entry, decimals: 1.5 }] }, 'INVALID_OPTION', '`limits.assets[0].decimals`'],
    [{ assets: [{ ...entry, peg: 'eur', symbol: 'EURC', decimals: 6 }] }, 'INVALID_OPTION', '`limits.assets[0].peg`'],
    [{ assets: [{ ...entry, peg: 'usd', decimals: 6 }] }, 'INVALID_OPTION', '`limits.assets[0].peg`'],
    [{ assets: [entry, { ...entry, asset: EURC.toLowerCase() }] }, 'INVALID_OPTION', '`limits.assets[1]`'],
  ])('error: %o is %s', (options, code, message) => {
    const create = () => Reflect.apply(createLimits, undefined, [options])
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(
      expect.objectContaining({ code, money: 'untouched', message: expect.stringContaining(message) }),
    )
  })

  it('refuse a number when they are compiled, too', () => {
    // @ts-expect-error money is never a number
    expect(() => createLimits({ perPayment: 0.1 })).toThrow(ConfigurationError)
  })

  it('error: nothing but ConfigurationError, whatever they are', () => {
    const keys = { perPayment: fc.anything(), perDay: fc.anything(), total: fc.anything() }
    const entryKeys = { symbol: fc.anything(), decimals: fc.anything(), peg: fc.anything(), perPayment: fc.anything() }
    const entry = fc.record({ network: fc.constant(network), asset: fc.string(), ...entryKeys }, { requiredKeys: [] })
    const options = fc.record({ ...keys, assets: fc.oneof(fc.anything(), fc.array(entry)) }, { requiredKeys: [] })
    const creates = fc.property(fc.oneof(options, fc.anything()), (garbage) => {
      try {
        Reflect.apply(createLimits, undefined, [garbage])
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError)
      }
    })
    fc.assert(creates, { numRuns: 1000 })
  })
})

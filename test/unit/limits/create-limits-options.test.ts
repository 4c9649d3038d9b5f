import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors/x402-error.js'
import { createLimits } from '../../../src/limits/index.js'
import { EURC, eurc, network, toData, usdc } from './offers.js'

describe('createLimits: options', () => {
  const entry = { network, asset: EURC }
  it.each<[unknown, string, string]>([
    [
      { perHuor: '$1' },
      'UNKNOWN_OPTION',
      'The option `limits.perHuor` is unknown.\nKnown are: perPayment, perMinute, perHour, perDay, perWeek, perMonth, total, windows,',
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
    [{ perHour: 5 }, 'INVALID_MONEY', '`limits.perHour`'],
    [{ perHour: {} }, 'INVALID_OPTION', '`limits.perHour` must be an amount of money, a number of `payments`, or both'],
    [{ perDay: {} }, 'INVALID_OPTION', '`limits.perDay` must be'],
    [{ perHour: { amount: '100000' } }, 'INVALID_MONEY', '`limits.perHour.amount`'],
    [{ perHour: { amount: 5, payments: 5 } }, 'INVALID_MONEY', '`limits.perHour.amount`'],
    [{ perHour: { amount: '$1', count: 5 } }, 'UNKNOWN_OPTION', '`limits.perHour.count`'],
    [{ perHour: { payments: '5' } }, 'INVALID_OPTION', '`limits.perHour.payments` must be a whole number, 0 or more'],
    [{ perHour: { payments: 5n } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: 1.5 } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: -1 } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: Number.NaN } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: Number.POSITIVE_INFINITY } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: 2 ** 53 } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perHour: { payments: null } }, 'INVALID_OPTION', '`limits.perHour.payments`'],
    [{ perPayment: { payments: 5 } }, 'UNKNOWN_OPTION', '`limits.perPayment.payments`'],
    [{ windows: { window: '1h' } }, 'INVALID_OPTION', '`limits.windows` must be a list'],
    [{ windows: [undefined] }, 'INVALID_OPTION', '`limits.windows[0]` must be an object'],
    [{ windows: [{ amount: '$1' }] }, 'INVALID_OPTION', '`limits.windows[0].window` must be a length of time'],
    [{ windows: [{ window: '1h' }] }, 'INVALID_OPTION', '`limits.windows[0]` must be an amount'],
    [{ windows: [{ window: '1h', payments: 1, name: 'x' }] }, 'UNKNOWN_OPTION', '`limits.windows[0].name`'],
    [{ perHost: '$5' }, 'INVALID_OPTION', '`limits.perHost` must be an object'],
    [{ perHost: null }, 'INVALID_OPTION', '`limits.perHost` must be an object'],
    [{ perHost: { hosts: [] } }, 'UNKNOWN_OPTION', '`limits.perHost.hosts`'],
    [{ perPayTo: { perDay: 5 } }, 'INVALID_MONEY', '`limits.perPayTo.perDay`'],
    [{ perPayTo: { windows: [{ window: '1h', amount: 1 }] } }, 'INVALID_MONEY', '`limits.perPayTo.windows[0].amount`'],
    [{ tags: [] }, 'INVALID_OPTION', '`limits.tags` must be an object'],
    [{ tags: { a: '$5' } }, 'INVALID_OPTION', '`limits.tags.a` must be an object'],
    [{ tags: { a: { perDya: '$5' } } }, 'UNKNOWN_OPTION', '`limits.tags.a.perDya`'],
    [{ onlyAssets: [{ network }] }, 'INVALID_OPTION', '`limits.onlyAssets[0].asset`'],
    [{ onlyAssets: [EURC] }, 'INVALID_OPTION', '`limits.onlyAssets[0]` must be an object'],
    [{ pinPayTo: 'yes' }, 'INVALID_OPTION', '`limits.pinPayTo` must be true or false'],
    [{ maxValiditySeconds: 0 }, 'INVALID_OPTION', '`limits.maxValiditySeconds` must be a whole number from 1 to 600'],
    [{ maxValiditySeconds: 601 }, 'INVALID_OPTION', '`limits.maxValiditySeconds`'],
    [{ maxValiditySeconds: 1.5 }, 'INVALID_OPTION', '`limits.maxValiditySeconds`'],
    [{ maxValiditySeconds: '60' }, 'INVALID_OPTION', '`limits.maxValiditySeconds`'],
    [{ approve: true }, 'INVALID_OPTION', '`limits.approve` must be a function'],
    [{ approveAbove: '$1' }, 'INVALID_OPTION', '`limits.approveAbove` needs `limits.approve`'],
    [{ approve: Boolean, approveAbove: 1 }, 'INVALID_MONEY', '`limits.approveAbove`'],
    [{ approachAt: true }, 'INVALID_OPTION', '`limits.approachAt` must be a list of shares'],
    [{ approachAt: 0.5 }, 'INVALID_OPTION', '`limits.approachAt` must be a list of shares'],
    [{ approachAt: [0] }, 'INVALID_OPTION', '`limits.approachAt`'],
    [{ approachAt: [1.1] }, 'INVALID_OPTION', '`limits.approachAt`'],
    [{ approachAt: ['80%'] }, 'INVALID_OPTION', '`limits.approachAt`'],
    [{ approachAt: [Number.NaN] }, 'INVALID_OPTION', '`limits.approachAt`'],
    [{ onApproach: () => undefined }, 'UNKNOWN_OPTION', '`limits.onApproach`'],
  ])('error: %o is %s', (options, code, message) => {
    const create = () => Reflect.apply(createLimits, undefined, [options])
    expect(create).toThrow(ConfigurationError)
    expect(create).toThrow(
      expect.objectContaining({ code, money: 'untouched', message: expect.stringContaining(message) }),
    )
  })

  it.each([
    '0s',
    '0h',
    '-1h',
    '1.5h',
    '1e3s',
    '15',
    '15M',
    '15 m',
    '1w',
    '367d',
    '8785h',
    '99999999d',
    '',
    60,
    null,
    {},
  ])('error: INVALID_OPTION of a window of %o', (window) => {
    const create = () => Reflect.apply(createLimits, undefined, [{ windows: [{ window, amount: '$1' }] }])
    expect(create).toThrow(
      "`limits.windows[0].window` must be a length of time up to '366d', such as '90s', '15m', '36h' or '7d'",
    )
  })

  it('are read once: changing them later changes nothing', () => {
    const options = {
      perHour: { payments: 5 },
      windows: [{ window: '15m', amount: '$1' } as const],
      perHost: { perDay: '$1' },
      tags: { a: { total: '$1' } },
      approachAt: [0.5],
      hosts: ['api.example.com'],
      assets: [{ network, asset: EURC, perPayment: '5' } as const],
    }
    const limits = createLimits(options)
    const look = () => [limits.caps({ host: 'a' }), toData(limits.assess(usdc(1n))), toData(limits.assess(eurc(5n)))]
    const before = look()
    options.perHour.payments = 500
    options.windows.length = 0
    options.perHost.perDay = '$500'
    options.tags.a.total = '$500'
    options.approachAt[0] = 0.9
    options.hosts.length = 0
    options.assets.length = 0
    expect(look()).toEqual(before)
  })

  it('carry the ceiling on validity and the pinned payTo, 600 seconds and none by default', () => {
    expect(createLimits()).toMatchObject({ maxValiditySeconds: 600, pinPayTo: false })
    expect(createLimits({ maxValiditySeconds: 1, pinPayTo: true })).toMatchObject({
      maxValiditySeconds: 1,
      pinPayTo: true,
    })
  })

  it('refuse a number when they are compiled, too', () => {
    // @ts-expect-error money is never a number
    expect(() => createLimits({ perPayment: 0.1 })).toThrow(ConfigurationError)
  })

  it('error: nothing but ConfigurationError, whatever they are', () => {
    const anything = fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true })
    const wild = (...keys: string[]) =>
      fc.record(Object.fromEntries(keys.map((key) => [key, anything])), { requiredKeys: [] })
    const budget = fc.oneof(anything, wild('amount', 'payments'))
    const window = fc.oneof(
      wild('window', 'amount', 'payments'),
      fc.record({ window: fc.constant('1h'), payments: anything }),
    )
    const group = fc.record(
      {
        perPayment: anything,
        perHour: budget,
        perDay: budget,
        total: budget,
        windows: fc.oneof(anything, fc.array(window)),
      },
      { requiredKeys: [] },
    )
    const entryKeys = { symbol: anything, decimals: anything, peg: anything, perPayment: anything }
    const entry = fc.record({ network: fc.constant(network), asset: fc.string(), ...entryKeys }, { requiredKeys: [] })
    const list = fc.oneof(anything, fc.array(fc.oneof(fc.string(), anything)))
    const tags = fc.oneof(anything, fc.dictionary(fc.string(), group))
    const scopes = { perHost: group, perPayTo: group, perTag: group, tags }
    const lists = {
      hosts: list,
      networks: list,
      onlyPayTo: list,
      onlyAssets: list,
      onlyTags: list,
      assets: fc.oneof(list, fc.array(entry)),
    }
    const others = { pinPayTo: anything, maxValiditySeconds: anything, approve: anything, approachAt: anything }
    const one = Object.entries({ ...scopes, ...lists, ...others }).map(([key, value]) => fc.record({ [key]: value }))
    const options = fc.oneof(group, ...one)
    const creates = fc.property(fc.oneof({ weight: 9, arbitrary: options }, anything), (garbage) => {
      try {
        Reflect.apply(createLimits, undefined, [garbage])
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError)
      }
    })
    fc.assert(creates, { numRuns: 2000 })
  })
})

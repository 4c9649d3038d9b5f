import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors/x402-error.js'
import { readAtomicUnits, readMoney, readMoneyText } from '../../../src/limits/money.js'
import type { Unit } from '../../../src/payment/payment.js'

const USDC = '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913'
const network = 'eip155:8453'
const DOLLAR = 10n ** 18n

describe('readMoneyText', () => {
  it.each<[string, Unit, bigint]>([
    ['$1', 'usd', DOLLAR],
    ['$0', 'usd', 0n],
    ['$0.10', 'usd', DOLLAR / 10n],
    ['$007.50', 'usd', (15n * DOLLAR) / 2n],
    ['$0.000000000000000001', 'usd', 1n],
    ['0.10 USDC', 'symbol/USDC', DOLLAR / 10n],
    ['5 USD₮0', 'symbol/USD₮0', 5n * DOLLAR],
    [`$${'9'.repeat(60)}`, 'usd', (10n ** 60n - 1n) * DOLLAR],
  ])('reads %o', (text, unit, amount) => {
    expect(readMoneyText(text, 'limits.total')).toEqual({ unit, amount })
  })

  it.each([
    '',
    '1',
    '0.10',
    '$',
    '$-1',
    '-$1',
    '$+1',
    '$1e3',
    '$1,000',
    '$.5',
    '$5.',
    '$1.2.3',
    '$0x10',
    '$Infinity',
    '$NaN',
    ' $1',
    '$1 ',
    '$1\n',
    '$ 1',
    '$1 USDC',
    '1USDC',
    '1  USDC',
    '1 US DC',
    '-1 USDC',
    '１ USDC',
    '€1',
    `$0.${'0'.repeat(18)}1`,
    `$${'9'.repeat(61)}`,
    `1 ${'X'.repeat(33)}`,
  ])('error: INVALID_MONEY of %o', (text) => {
    expect(() => readMoneyText(text, 'limits.total')).toThrow(expect.objectContaining({ code: 'INVALID_MONEY' }))
  })

  it('error: INVALID_MONEY of a million digits, at once', () => {
    expect(() => readMoneyText(`$${'1'.repeat(1_000_000)}`, 'limits.total')).toThrow(ConfigurationError)
  })

  it('reads back what any number of cents writes', () => {
    const cents = fc.bigInt(0n, 10n ** 40n)
    const agrees = fc.property(cents, (amount) => {
      const text = `$${amount / 100n}.${(amount % 100n).toString().padStart(2, '0')}`
      expect(readMoneyText(text, 'limits.total').amount).toBe((amount * DOLLAR) / 100n)
    })
    fc.assert(agrees)
  })
})

describe('readAtomicUnits', () => {
  it.each<[string | bigint, bigint]>([
    ['0', 0n],
    [0n, 0n],
    ['100000', 100_000n],
    [2n ** 256n - 1n, 2n ** 256n - 1n],
    [String(2n ** 256n - 1n), 2n ** 256n - 1n],
  ])('reads %o', (input, units) => {
    expect(readAtomicUnits(input, 'limits.total.amount')).toBe(units)
  })

  it.each([-1n, 2n ** 256n, String(2n ** 256n), '', '-1', '1.0', '1e3', ' 1', '1\n', '0x10', '9'.repeat(79), 1, null])(
    'error: INVALID_MONEY of %o',
    (input) => {
      expect(() => readAtomicUnits(input, 'limits.total.amount')).toThrow(ConfigurationError)
    },
  )
})

describe('readMoney', () => {
  it('reads one asset, and compares hexadecimal addresses without their capitals', () => {
    expect(readMoney({ network, asset: USDC, amount: '5' }, 'limits.total')).toEqual([
      { unit: 'eip155:8453/0x833589fcd6edb6e08f4c7c32d4f71b54bda02913', amount: 5n },
    ])
  })

  it('reads a list of assets, and keeps the capitals of all other addresses', () => {
    const list = [
      { network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', asset: 'EPjFWdd5', amount: 7n },
      { network, asset: USDC, amount: 5n },
    ]
    expect(readMoney(list, 'limits.total').map(({ unit }) => unit)).toEqual([
      'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/EPjFWdd5',
      'eip155:8453/0x833589fcd6edb6e08f4c7c32d4f71b54bda02913',
    ])
  })

  it('error: INVALID_MONEY of a number says how to write it', () => {
    expect(() => readMoney(0.1, 'limits.perPayment')).toThrowErrorMatchingInlineSnapshot(`
      [ConfigurationError: The option \`limits.perPayment\` must be an amount of money, and is a number.
      Write dollars as '$0.10', a token as '0.10 USDC', or atomic units as { network, asset, amount: '100000' }.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#invalid_money]
    `)
  })

  it('error: INVALID_MONEY of a text shows it', () => {
    expect(() => readMoney('1e5', 'limits.perDay')).toThrow(
      'The option `limits.perDay` must be an amount of money, and is "1e5".',
    )
  })

  it.each([
    [
      'limits.total[1].amount',
      [
        { network, asset: USDC, amount: 1n },
        { network, asset: USDC, amount: 1 },
      ],
    ],
    ['limits.total[0].network', [{ network: 'base', asset: USDC, amount: 1n }]],
    ['limits.total.network', { network: 'eip155:*', asset: USDC, amount: 1n }],
    ['limits.total.asset', { network, asset: '', amount: 1n }],
    ['limits.total.decimals', { network, asset: USDC, amount: 1n, decimals: 6 }],
    ['limits.total[0]', new Array(1)],
  ])('error: names %s', (where, input) => {
    expect(() => readMoney(input, 'limits.total')).toThrow(`\`${where}\``)
  })

  it('error: nothing but ConfigurationError, whatever it is given', () => {
    const almost = fc.record(
      { network: fc.anything(), asset: fc.anything(), amount: fc.anything() },
      { requiredKeys: [] },
    )
    const strange = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
    })
    const reads = fc.property(fc.oneof(strange, fc.string(), almost, fc.array(almost)), (input) => {
      try {
        for (const { amount } of readMoney(input, 'limits.total')) expect(amount).toBeGreaterThanOrEqual(0n)
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigurationError)
      }
    })
    fc.assert(reads, { numRuns: 1000 })
  })
})

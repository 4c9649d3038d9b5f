import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import type { Cap } from '../../../src/payment/ledger.js'
import type { AskedTerms, Assessment } from '../../../src/payment/limits.js'
import type { Unit } from '../../../src/payment/payment.js'
import { CENT, EURC, eurc, eurcUnit, network, toData, USDC, usdc, usdcUnit } from './offers.js'

function assess(options: LimitsOptions, terms: AskedTerms): Assessment {
  return createLimits(options).assess(terms)
}

/** Why an offer is refused; `undefined` when it's allowed. */
function refusalOf(options: LimitsOptions, terms: AskedTerms): string | undefined {
  const assessment = assess(options, terms)
  return 'refusal' in assessment ? `${assessment.refusal.code}: ${assessment.refusal.because}` : undefined
}

function capsOf(options: LimitsOptions, terms: AskedTerms): readonly Cap[] {
  const assessment = assess(options, terms)
  if ('refusal' in assessment) throw new Error(assessment.refusal.because)
  return assessment.caps
}

describe('createLimits: by default', () => {
  it('allows a dollar per payment and ten a day', () => {
    expect(refusalOf({}, usdc(1_000_000n))).toBeUndefined()
    expect(refusalOf({}, usdc(1_000_001n))).toBe('LIMIT_PER_PAYMENT: the limit "perPayment" allows $1.00')
    expect(capsOf({}, usdc(1n))).toEqual([
      {
        name: 'perDay',
        hint: 'Raise `limits.perDay`, or catch LimitError to skip this resource.',
        unit: 'usd',
        scope: {},
        windowSeconds: 86_400,
        amount: 1000n * CENT,
      },
    ])
  })

  it('refuses an asset that nobody knows', () => {
    expect(assess({}, eurc(1n))).toEqual({
      notation: { symbol: undefined, decimals: undefined, isPegged: false },
      dollars: undefined,
      refusal: {
        code: 'ASSET_NOT_ALLOWED',
        because: 'no limit allows its asset',
        hint: 'Name it in `limits.assets` with a `perPayment` in its atomic units, or catch LimitError to skip this resource.',
      },
    })
  })

  it('treats undefined as not given', () => {
    const nothing = { perPayment: undefined, perDay: undefined, total: undefined, assets: undefined }
    expect(toData(assess(nothing, usdc(1n)))).toEqual(toData(assess({}, usdc(1n))))
  })
})

describe('createLimits: what is charged', () => {
  it('counts a known asset as a payment, in its units, in dollars and by its symbol', () => {
    expect(assess({}, usdc(250_000n))).toMatchObject({
      notation: { symbol: 'USDC', decimals: 6, isPegged: true },
      charges: [
        { unit: 'payments/all', amount: 1n },
        { unit: usdcUnit, amount: 250_000n },
        { unit: 'usd', amount: 25n * CENT },
        { unit: 'symbol/USDC', amount: 25n * CENT },
      ],
    })
  })

  it('counts an allowed asset in no more units than are known', () => {
    const entry = { network, asset: EURC, perPayment: '5' } as const
    expect(assess({ assets: [entry] }, eurc(5n))).toMatchObject({
      notation: { symbol: undefined },
      charges: [{ unit: 'payments/all' }, { unit: eurcUnit, amount: 5n }],
    })
    expect(assess({ assets: [{ ...entry, symbol: 'EURC', decimals: 6 }] }, eurc(5n))).toMatchObject({
      notation: { symbol: 'EURC', decimals: 6, isPegged: false },
      charges: [{ unit: 'payments/all' }, { unit: eurcUnit }, { unit: 'symbol/EURC', amount: 5n * 10n ** 12n }],
    })
  })

  it('believes the scheme before the options about an asset that both know', () => {
    const assets = [{ network, asset: USDC, symbol: 'FAKE', decimals: 18 }] as const
    expect(assess({ assets }, usdc(1_000_000n))).toMatchObject({
      notation: { symbol: 'USDC', decimals: 6 },
    })
    expect(refusalOf({ assets }, usdc(1_000_001n))).toMatch('LIMIT_PER_PAYMENT')
  })

  it('counts an asset in its canonical spelling, whatever the seller wrote', () => {
    const charged = { charges: [{}, { unit: usdcUnit }, {}, {}] }
    expect(assess({}, { ...usdc(1n), asset: USDC.toUpperCase() })).toMatchObject(charged)
    expect(assess({}, { ...usdc(1n), asset: 'another name that the scheme reads as USDC' })).toMatchObject(charged)
  })
})

describe('createLimits: perPayment', () => {
  const asset = { network, asset: USDC } as const
  it.each<[LimitsOptions, bigint, string]>([
    [{ perPayment: '$0.10' }, 100_000n, '$0.10'],
    [{ perPayment: '0.10 USDC' }, 100_000n, '0.10 USDC'],
    [{ perPayment: { ...asset, amount: '100000' } }, 100_000n, '0.10 USDC'],
    [{ perPayment: [{ ...asset, amount: 100_000n }] }, 100_000n, '0.10 USDC'],
    [
      {
        perPayment: [
          { ...asset, amount: 9n },
          { ...asset, amount: 5n },
        ],
      },
      5n,
      '0.000005 USDC',
    ],
    [{ assets: [{ ...asset, perPayment: '250000' }] }, 250_000n, '0.25 USDC'],
    [{ assets: [{ ...asset, perPayment: 2_500_000n }] }, 2_500_000n, '2.50 USDC'],
    [{ assets: [{ ...asset, perPayment: '$2' }], perPayment: '5 EURC' }, 2_000_000n, '$2.00'],
    [{ perPayment: '$0' }, 0n, '$0.00'],
    [{ perPayment: '0 USDC' }, 0n, '0.00 USDC'],
    [{ perPayment: { ...asset, amount: 0n } }, 0n, '0.00 USDC'],
    [{ assets: [{ ...asset, perPayment: 0n }] }, 0n, '0.00 USDC'],
  ])('%o allows %d units of USDC, and not one more', (options, most, allows) => {
    if (most > 0n) expect(refusalOf(options, usdc(most))).toBeUndefined()
    const name = options.assets ? 'assets[0].perPayment' : 'perPayment'
    expect(refusalOf(options, usdc(most + 1n))).toBe(`LIMIT_PER_PAYMENT: the limit "${name}" allows ${allows}`)
  })

  it('says how it is raised', () => {
    expect(assess({ perPayment: '$0.10' }, usdc(100_001n))).toMatchObject({
      refusal: { hint: 'Raise `limits.perPayment`, or catch LimitError to skip this resource.' },
    })
  })
})

describe('createLimits: perDay and total', () => {
  it.each<[LimitsOptions, Partial<Cap>[]]>([
    [{ perDay: '$5' }, [{ name: 'perDay', unit: 'usd', windowSeconds: 86_400, amount: 500n * CENT }]],
    [
      { perDay: '5 USDC', total: '$100' },
      [
        { name: 'perDay', unit: 'symbol/USDC', windowSeconds: 86_400, amount: 500n * CENT },
        { name: 'total', unit: 'usd', windowSeconds: undefined, amount: 10_000n * CENT },
      ],
    ],
    [
      {
        perDay: [
          { network, asset: EURC, amount: 1n },
          { network, asset: USDC, amount: 7n },
        ],
      },
      [{ name: 'perDay', unit: usdcUnit, windowSeconds: 86_400, amount: 7n }],
    ],
    [{ perDay: '$0' }, [{ name: 'perDay', unit: 'usd', windowSeconds: 86_400, amount: 0n }]],
  ])('%o asks the ledger for the caps that price USDC', (options, caps) => {
    const expected = caps.map((cap) => ({ ...cap, hint: expect.stringContaining(`limits.${cap.name}`), scope: {} }))
    expect(capsOf(options, usdc(1n))).toEqual(expected)
  })
})

describe('createLimits: caps are closed', () => {
  const entry = { network, asset: EURC } as const
  const notNamed = (limit: string) => `ASSET_NOT_ALLOWED: the limit "${limit}" doesn't name its asset`
  const unpriced = 'ASSET_NOT_ALLOWED: no limit can price its asset'

  it.each<[string, LimitsOptions, string | undefined]>([
    ['is in no limit', {}, 'ASSET_NOT_ALLOWED: no limit allows its asset'],
    [
      'is only in a list of amounts',
      { total: [{ ...entry, amount: 5n }] },
      'ASSET_NOT_ALLOWED: no limit allows its asset',
    ],
    ['is allowed and nothing prices it', { assets: [entry] }, unpriced],
    ['has no peg, where limits are in dollars', { assets: [{ ...entry, symbol: 'EURC', decimals: 6 }] }, unpriced],
    [
      'has a price in dollars and no peg',
      { assets: [{ ...entry, perPayment: '$1' }] },
      notNamed('assets[0].perPayment'),
    ],
    [
      'has a price in dollars and no peg, though another limit prices it',
      { assets: [{ ...entry, perPayment: '$1' }], total: [{ ...entry, amount: 9n }] },
      notNamed('assets[0].perPayment'),
    ],
    [
      'has a price in a symbol that it lacks',
      { assets: [{ ...entry, perPayment: '1 EURC' }] },
      notNamed('assets[0].perPayment'),
    ],
    ['is not named by a symbol', { perDay: '5 USDC', assets: [{ ...entry, perPayment: '5' }] }, notNamed('perDay')],
    [
      'is not named by a symbol in other capitals',
      { total: '5 eurc', assets: [{ ...entry, perPayment: '5' }] },
      notNamed('total'),
    ],
    [
      'is not named by a list',
      { total: [{ network, asset: USDC, amount: 1n }], assets: [{ ...entry, perPayment: '5' }] },
      notNamed('total'),
    ],
    ['stands beside an empty list', { perDay: [], assets: [{ ...entry, perPayment: '5' }] }, notNamed('perDay')],
    [
      'is on another network',
      { assets: [{ ...entry, network: 'eip155:1', perPayment: '5' }] },
      'ASSET_NOT_ALLOWED: no limit allows its asset',
    ],
    ['has a price of its own', { assets: [{ ...entry, perPayment: '5' }] }, undefined],
    [
      'has a price by its symbol',
      { assets: [{ ...entry, perPayment: '1 EURC', symbol: 'EURC', decimals: 6 }] },
      undefined,
    ],
    ['is pegged', { assets: [{ ...entry, peg: 'usd', symbol: 'EURC', decimals: 6 }] }, undefined],
    ['is named by a total', { assets: [entry], total: [{ ...entry, amount: 5n }] }, undefined],
    ['is named by a price per payment', { assets: [entry], perPayment: { ...entry, amount: 5n } }, undefined],
    ['is written in other capitals', { assets: [{ ...entry, asset: EURC.toLowerCase(), perPayment: '5' }] }, undefined],
  ])('an asset that %s', (_, options, refusal) => {
    expect(refusalOf(options, eurc(5n))).toBe(refusal)
  })

  it('holds a pegged asset to the limits in dollars', () => {
    const assets = [{ ...entry, peg: 'usd', symbol: 'EURC', decimals: 6 }] as const
    expect(refusalOf({ assets }, eurc(1_000_001n))).toBe('LIMIT_PER_PAYMENT: the limit "perPayment" allows $1.00')
    expect(capsOf({ assets }, eurc(1n))).toMatchObject([{ name: 'perDay', unit: 'usd' }])
  })

  it('refuses what costs less than a limit can count, where nothing is allowed', () => {
    const assets = [{ ...entry, peg: 'usd', symbol: 'EURC', decimals: 255 }] as const
    expect(refusalOf({ assets, perPayment: '$0' }, eurc(1n))).toMatch('LIMIT_PER_PAYMENT')
  })
})

describe('createLimits: format', () => {
  const assets = [{ network, asset: EURC, symbol: 'EURC', decimals: 6 }] as const
  it.each<[Unit, bigint, string]>([
    ['usd', 10n * CENT, '$0.10'],
    ['usd', 1n, '$0.000000000000000001'],
    ['symbol/USDC', 10n * CENT, '0.10 USDC'],
    ['payments/all', 1n, '1 payment'],
    ['payments/all', 2n, '2 payments'],
    [eurcUnit, 2_500_000n, '2.50 EURC'],
    [usdcUnit, 100_000n, `100000 units of ${usdcUnit}`],
  ])('writes %s %d as %s', (unit, amount, text) => {
    expect(createLimits({ assets }).format(unit, amount)).toBe(text)
  })
})

describe('createLimits: any offer', () => {
  it('is refused, or costs no more than perPayment in a unit that perPayment names', () => {
    const cents = fc.bigInt(0n, 500n)
    const holds = fc.property(cents, fc.bigInt(1n, 10n ** 7n), fc.nat(30), (most, amount, decimals) => {
      const known = { asset: USDC, decimals, symbol: 'USDC' }
      const limits = createLimits({ perPayment: `$${most / 100n}.${(most % 100n).toString().padStart(2, '0')}` })
      const isAllowed = !('refusal' in limits.assess({ ...usdc(amount), known }))
      expect(isAllowed).toBe(amount * 100n <= most * 10n ** BigInt(decimals))
    })
    fc.assert(holds, { numRuns: 500 })
  })
})

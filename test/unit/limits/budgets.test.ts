import { describe, expect, it } from 'vitest'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import type { AskedTerms } from '../../../src/payment/limits.js'
import { createTill } from './create-till.js'
import { network, USDC } from './offers.js'

const DAY = 86_400
const OPEN = { perPayment: '$1000', perDay: '$1000' }

describe('createLimits: a limit on sums', () => {
  it.each<[LimitsOptions, number, string, number | undefined]>([
    [{ perMinute: '$0.30' }, 3, 'perMinute', 60],
    [{ perHour: '$0.30' }, 3, 'perHour', 3600],
    [{ perDay: '$0.30' }, 3, 'perDay', DAY],
    [{ perWeek: '$0.30' }, 3, 'perWeek', 7 * DAY],
    [{ total: '$0.30' }, 3, 'total', undefined],
    [{ perHour: '0.30 USDC' }, 3, 'perHour', 3600],
    [{ perHour: { network, asset: USDC, amount: '300000' } }, 3, 'perHour', 3600],
    [{ perHour: [{ network, asset: USDC, amount: 300_000n }] }, 3, 'perHour', 3600],
    [{ perHour: { amount: '$0.30' } }, 3, 'perHour.amount', 3600],
    [{ perHour: { amount: [{ network, asset: USDC, amount: 300_000n }] } }, 3, 'perHour.amount', 3600],
    [{ perHour: { payments: 2 } }, 2, 'perHour.payments', 3600],
    [{ perHour: { amount: '$0.30', payments: 2 } }, 2, 'perHour.payments', 3600],
    [{ perHour: { amount: '$0.10', payments: 2 } }, 1, 'perHour.amount', 3600],
    [{ perDay: { payments: 2 } }, 2, 'perDay.payments', DAY],
    [{ total: { payments: 1 } }, 1, 'total.payments', undefined],
    [{ total: { payments: 0 } }, 0, 'total.payments', undefined],
    [{ total: '$0' }, 0, 'total', undefined],
    [{ windows: [{ window: '90s', amount: '$0.30' }] }, 3, 'windows[0].amount', 90],
    [{ windows: [{ window: '15m', payments: 1 }] }, 1, 'windows[0].payments', 900],
    [
      {
        windows: [
          { window: '36h', payments: 9 },
          { window: '7d', amount: '$0.20' },
        ],
      },
      2,
      'windows[1].amount',
      7 * DAY,
    ],
    [{ windows: [{ window: '366d', payments: 2 }] }, 2, 'windows[0].payments', 366 * DAY],
    [{ perHost: { perHour: '$0.20' } }, 2, 'perHost.perHour', 3600],
    [{ perPayTo: { total: { payments: 2 } } }, 2, 'perPayTo.total.payments', undefined],
    [{ perTag: { perHour: '$0.20' } }, 2, 'perTag.perHour', 3600],
    [{ tags: { research: { perDay: '$0.20' } } }, 2, 'tags.research.perDay', DAY],
    [
      { tags: { research: { windows: [{ window: '1h', payments: 2 }] } } },
      2,
      'tags.research.windows[0].payments',
      3600,
    ],
  ])('%o pays %o times ten cents, and then %s refuses for %s seconds', async (options, times, name, seconds) => {
    const { pay, clock } = createTill()
    const limits = createLimits({ ...OPEN, ...options })
    const again = () => pay(limits, 10, { tags: ['research'] })
    for (let paid = 0; paid < times; paid++) expect(await again()).toBeUndefined()
    expect(await again()).toBe(name)
    clock.advance((seconds ?? 1000 * DAY) - 1)
    expect(await again()).toBe(name)
    clock.advance(1)
    expect(await again()).toBe(seconds === undefined ? name : undefined)
  })

  it.each<[string, LimitsOptions, Partial<AskedTerms>, Partial<AskedTerms>]>([
    ['host', { perHost: { total: '$0.10' } }, { host: 'a.example.com' }, { host: 'a.example.com:8443' }],
    ['payTo', { perPayTo: { total: '$0.10' } }, { payTo: '0xAB' }, { payTo: '0xAC' }],
    ['tag, whatever it is', { perTag: { total: '$0.10' } }, { tags: ['b', 'a'] }, { tags: ['c'] }],
    ['tag', { tags: { a: { total: '$0.10' } } }, { tags: ['b', 'a'] }, { tags: ['b'] }],
  ])('counts each %s by itself', async (_, options, one, other) => {
    const { pay } = createTill()
    const limits = createLimits(options)
    expect(await pay(limits, 10, one)).toBeUndefined()
    expect(await pay(limits, 10, one)).toMatch('total')
    expect(await pay(limits, 10, other)).toBeUndefined()
  })

  it('counts one payTo under all spellings of an address', async () => {
    const { pay } = createTill()
    const limits = createLimits({ perPayTo: { total: { payments: 1 } } })
    expect(await pay(limits, 10, { payTo: '0xAb' })).toBeUndefined()
    expect(await pay(limits, 10, { payTo: '0xaB' })).toBe('perPayTo.total.payments')
  })

  it('holds every tag that a payment carries', async () => {
    const { pay } = createTill()
    const limits = createLimits({ tags: { a: { total: '$0.10' }, b: { total: { payments: 1 } } } })
    expect(await pay(limits, 10, { tags: ['a', 'b'] })).toBeUndefined()
    expect(await pay(limits, 10, { tags: ['b', 'c'] })).toBe('tags.b.total.payments')
    expect(await pay(limits, 10, { tags: ['c'] })).toBeUndefined()
  })

  it('keeps the default amount of a day beside a number of payments', async () => {
    const { pay } = createTill()
    const limits = createLimits({ perDay: { payments: 100 } })
    for (let paid = 0; paid < 10; paid++) expect(await pay(limits, 100)).toBeUndefined()
    expect(await pay(limits, 1)).toBe('perDay.amount')
  })

  it('has no defaults for a host, a payTo or a tag', () => {
    const limits = createLimits({ perHost: {}, perPayTo: {}, perTag: {}, tags: { a: {} } })
    expect(limits.caps({ host: 'a', payTo: 'b', tags: ['a'] }).map(({ name }) => name)).toEqual(['perDay'])
  })

  it.each<[LimitsOptions, Partial<AskedTerms>, string]>([
    [{ perHost: { perPayment: '$0.05' } }, {}, 'perHost.perPayment'],
    [{ perPayTo: { perPayment: '0.05 USDC' } }, {}, 'perPayTo.perPayment'],
    [{ perTag: { perPayment: '$0.05' } }, { tags: ['a'] }, 'perTag.perPayment'],
    [{ tags: { a: { perPayment: '$0.05' } } }, { tags: ['a'] }, 'tags.a.perPayment'],
    [
      { assets: [{ network, asset: USDC, perPayment: '$1' }], perHost: { perPayment: '$0.05' } },
      {},
      'perHost.perPayment',
    ],
  ])('%o refuses six cents to %o', async (options, change, name) => {
    const { pay } = createTill()
    expect(await pay(createLimits(options), 5, change)).toBeUndefined()
    expect(await pay(createLimits(options), 6, change)).toMatch(`"${name}"`)
  })

  it('refuses within a scope what a limit there doesn’t name', async () => {
    const { pay } = createTill()
    const limits = createLimits({ tags: { euro: { total: '5 EURC' } } })
    expect(await pay(limits, 1)).toBeUndefined()
    expect(await pay(limits, 1, { tags: ['euro'] })).toBe('the limit "tags.euro.total" doesn\'t name its asset')
  })

  it('takes a number of payments for no price', async () => {
    const { reserve } = createTill()
    const asset = '0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42'
    const limits = createLimits({ assets: [{ network, asset }], perHour: { payments: 5 } })
    const terms = { network, asset, amount: 1n, payTo: '0x1', host: 'a', tags: [], known: undefined } as const
    expect(await reserve(limits, terms)).toMatchObject({ refused: 'no limit can price its asset' })
  })

  it('says how it is raised', async () => {
    const { reserve } = createTill()
    const limits = createLimits({ perHost: { windows: [{ window: '1h', payments: 0 }] } })
    const terms = { network, asset: USDC, amount: 1n, payTo: '0x1', host: 'a', tags: [] } as const
    expect(await reserve(limits, { ...terms, known: { asset: USDC, decimals: 6, symbol: 'USDC' } })).toMatchObject({
      hint: 'Raise `limits.perHost.windows[0].payments`, or catch LimitError to skip this resource.',
    })
  })
})

describe('createLimits: caps', () => {
  const limits = createLimits({
    perHour: { payments: 5 },
    perHost: { perDay: '$2' },
    perPayTo: { total: '$3' },
    perTag: { perWeek: '$4' },
    tags: { a: { total: '$1' }, b: { total: '$2' } },
  })
  const list = (of?: Parameters<typeof limits.caps>[0]) => limits.caps(of).map(({ name, scope }) => ({ [name]: scope }))

  it('lists those of all payments and of every tag', () => {
    expect(list()).toEqual([
      { 'perHour.payments': {} },
      { perDay: {} },
      { 'tags.a.total': { tag: 'a' } },
      { 'tags.b.total': { tag: 'b' } },
    ])
  })

  it('lists those of a host, of a payTo and of some tags', () => {
    expect(list({ host: 'api.example.com', payTo: '0x1', tags: ['b'] })).toEqual([
      { 'perHour.payments': {} },
      { perDay: {} },
      { 'perHost.perDay': { host: 'api.example.com' } },
      { 'perPayTo.total': { payTo: '0x1' } },
      { 'perTag.perWeek': { tag: 'b' } },
      { 'tags.b.total': { tag: 'b' } },
    ])
  })
})

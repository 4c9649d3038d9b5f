import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { approaching } from '../../../src/limits/approach.js'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import type { Cap } from '../../../src/payment/ledger.js'
import type { Approach } from '../../../src/payment/limits.js'
import { createTill } from './create-till.js'

const cap: Cap = { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined, amount: 100n }

describe('approaching', () => {
  it.each<[bigint, bigint, number[], number[]]>([
    [0n, 79n, [0.8], []],
    [0n, 80n, [0.8], [0.8]],
    [79n, 1n, [0.8], [0.8]],
    [80n, 1n, [0.8], []],
    [0n, 100n, [0.5, 0.8, 1], [0.5, 0.8, 1]],
    [60n, 30n, [0.5, 0.8, 1], [0.8]],
    [99n, 1n, [1], [1]],
    [6n, 1n, [0.07], [0.07]],
    [0n, 1n, [], []],
  ])('%d before and %d added, of 100: of %o, %o', (before, added, shares, crossed) => {
    expect(approaching(cap, before, added, shares)).toEqual(crossed)
  })

  it('counts payments where the cap does', () => {
    expect(approaching({ ...cap, amount: undefined, count: 10 }, 7n, 1n, [0.8])).toEqual([0.8])
  })

  it('tells each share once, however a limit is filled', () => {
    const tells = fc.property(
      fc.bigInt(1n, 10n ** 30n),
      fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 20 }),
      (amount, percents, parts) => {
        const shares = percents.map((percent) => percent / 100)
        const told: number[] = []
        let counted = 0n
        for (const part of parts) {
          const left = amount - counted
          const added = (left * BigInt(part) + 59n) / 60n
          told.push(...approaching({ ...cap, amount }, counted, added, shares))
          counted += added
        }
        const due = percents
          .filter((percent) => counted * 100n >= amount * BigInt(percent))
          .map((percent) => percent / 100)
        expect(told.toSorted()).toEqual(due.toSorted())
      },
    )
    fc.assert(tells, { numRuns: 300 })
  })
})

describe('createLimits: approachAt', () => {
  /** What is told while ten cents are paid again and again. */
  async function tellOf(options: LimitsOptions, times: number): Promise<Approach[]> {
    const { pay, approaches } = createTill()
    const limits = createLimits(options)
    for (let paid = 0; paid < times; paid++) await pay(limits, 10, { tags: ['research'] })
    return approaches
  }

  it('tells at four fifths of a limit, once', async () => {
    expect(await tellOf({ perHour: '$1' }, 10)).toEqual([
      { limit: 'perHour', scope: {}, share: 0.8, spent: '$0.80', allowed: '$1.00' },
    ])
  })

  it('tells at the shares that are given', async () => {
    const told = await tellOf({ total: { payments: 4 }, approachAt: [0.5, 1] }, 5)
    expect(told).toEqual([
      { limit: 'total.payments', scope: {}, share: 0.5, spent: '2 payments', allowed: '4 payments' },
      { limit: 'total.payments', scope: {}, share: 1, spent: '4 payments', allowed: '4 payments' },
    ])
  })

  it('says whose limit it is', async () => {
    const told = await tellOf({ perHost: { total: '0.10 USDC' } }, 1)
    expect(told).toMatchObject([{ limit: 'perHost.total', scope: { host: 'api.example.com' }, spent: '0.10 USDC' }])
  })

  it('tells again once payments have aged out', async () => {
    const { pay, clock, approaches } = createTill()
    const limits = createLimits({ perMinute: '$0.10' })
    for (let round = 0; round < 3; round++) {
      await pay(limits, 10)
      clock.advance(60)
    }
    expect(approaches.map(({ limit }) => limit)).toEqual(['perMinute', 'perMinute', 'perMinute'])
  })

  it('tells of no share where none is given', async () => {
    expect(await tellOf({ perHour: '$1', approachAt: [] }, 10)).toEqual([])
  })
})

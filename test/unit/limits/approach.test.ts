import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Approach, Cap } from '../../../src/flow/ports.js'
import { approaching } from '../../../src/limits/approach.js'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
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

describe('createLimits: onApproach', () => {
  /** What is told while ten cents are paid again and again. */
  async function tellOf(
    options: (notify: (approach: Approach) => void) => LimitsOptions,
    times: number,
  ): Promise<Approach[]> {
    const told: Approach[] = []
    const { pay } = createTill()
    const limits = createLimits(options((approach) => told.push(approach)))
    for (let paid = 0; paid < times; paid++) await pay(limits, 10, { tags: ['research'] })
    return told
  }

  it('tells at four fifths of a limit, once', async () => {
    expect(await tellOf((onApproach) => ({ perHour: '$1', onApproach }), 10)).toEqual([
      { limit: 'perHour', scope: {}, share: 0.8, spent: '$0.80', allowed: '$1.00' },
    ])
  })

  it('tells at the shares that are given', async () => {
    const told = await tellOf((notify) => ({ total: { payments: 4 }, onApproach: { at: [0.5, 1], notify } }), 5)
    expect(told).toEqual([
      { limit: 'total.payments', scope: {}, share: 0.5, spent: '2 payments', allowed: '4 payments' },
      { limit: 'total.payments', scope: {}, share: 1, spent: '4 payments', allowed: '4 payments' },
    ])
  })

  it('says whose limit it is', async () => {
    const told = await tellOf((onApproach) => ({ perHost: { total: '0.10 USDC' }, onApproach }), 1)
    expect(told).toMatchObject([{ limit: 'perHost.total', scope: { host: 'api.example.com' }, spent: '0.10 USDC' }])
  })

  it('tells again once payments have aged out', async () => {
    const told: string[] = []
    const { pay, clock } = createTill()
    const limits = createLimits({ perMinute: '$0.10', onApproach: ({ limit }) => told.push(limit) })
    for (let round = 0; round < 3; round++) {
      await pay(limits, 10)
      clock.advance(60)
    }
    expect(told).toEqual(['perMinute', 'perMinute', 'perMinute'])
  })
})

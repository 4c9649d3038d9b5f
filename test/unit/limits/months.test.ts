import { describe, expect, it } from 'vitest'
import { createLimits, type LimitsOptions } from '../../../src/limits/index.js'
import { createTill } from './create-till.js'
import { network, USDC } from './offers.js'

const OPEN = { perPayment: '$1000', perDay: '$1000' }
const PARIS = 'Europe/Paris'

/** A till whose clock says this. */
function openAt(time: string) {
  const till = createTill()
  const turnTo = (next: string) => till.clock.advance(Date.parse(next) / 1000 - till.clock.nowSeconds())
  turnTo(time)
  return { ...till, turnTo }
}

describe('createLimits: perMonth', () => {
  it.each<[LimitsOptions, number, string, string]>([
    [{ perMonth: '$0.30' }, 3, 'perMonth', '2026-03-01T00:00:00Z'],
    [{ perMonth: '0.30 USDC' }, 3, 'perMonth', '2026-03-01T00:00:00Z'],
    [{ perMonth: { network, asset: USDC, amount: '300000' } }, 3, 'perMonth', '2026-03-01T00:00:00Z'],
    [{ perMonth: [{ network, asset: USDC, amount: '300000' }] }, 3, 'perMonth', '2026-03-01T00:00:00Z'],
    [{ perMonth: { payments: 2 } }, 2, 'perMonth.payments', '2026-03-01T00:00:00Z'],
    [{ perMonth: { amount: '$0.30', payments: 2 } }, 2, 'perMonth.payments', '2026-03-01T00:00:00Z'],
    [{ perMonth: { amount: '$0.10', timeZone: 'UTC' } }, 1, 'perMonth.amount', '2026-03-01T00:00:00Z'],
    [{ perMonth: { amount: '$0.10', timeZone: PARIS } }, 1, 'perMonth.amount', '2026-02-28T23:00:00Z'],
    [{ perMonth: { payments: 1, timeZone: 'America/New_York' } }, 1, 'perMonth.payments', '2026-03-01T05:00:00Z'],
    [{ perHost: { perMonth: '$0.20' } }, 2, 'perHost.perMonth', '2026-03-01T00:00:00Z'],
    [{ perPayTo: { perMonth: '$0.20' } }, 2, 'perPayTo.perMonth', '2026-03-01T00:00:00Z'],
    [{ perTag: { perMonth: '$0.20' } }, 2, 'perTag.perMonth', '2026-03-01T00:00:00Z'],
    [{ perResource: { perMonth: '$0.20' } }, 2, 'perResource.perMonth', '2026-03-01T00:00:00Z'],
    [{ tags: { research: { perMonth: '$0.20' } } }, 2, 'tags.research.perMonth', '2026-03-01T00:00:00Z'],
  ])('%o pays %o times ten cents, and then %s refuses until %s', async (options, times, name, end) => {
    const { pay, turnTo, clock } = openAt('2026-02-10T12:00:00Z')
    const limits = createLimits({ ...OPEN, ...options })
    const again = () => pay(limits, 10, { tags: ['research'], resource: 'GET https://api.example.com/report' })
    for (let paid = 0; paid < times; paid++) expect(await again()).toBeUndefined()
    expect(await again()).toBe(name)
    turnTo(end)
    clock.advance(-1)
    expect(await again()).toBe(name)
    clock.advance(1)
    expect(await again()).toBeUndefined()
  })

  it('is a month of the calendar, whatever is left of it', async () => {
    const { pay, turnTo } = openAt('2026-01-31T23:59:59Z')
    const limits = createLimits({ ...OPEN, perMonth: '$0.10' })
    expect(await pay(limits, 10)).toBeUndefined()
    turnTo('2026-02-01T00:00:00Z')
    expect(await pay(limits, 10)).toBeUndefined()
    expect(await pay(limits, 1)).toBe('perMonth')
  })

  it('leaves the limit of a day as it is', async () => {
    const { pay } = openAt('2026-02-10T12:00:00Z')
    const limits = createLimits({ perPayment: '$100', perMonth: '$50' })
    expect(limits.caps().map(({ name }) => name)).toEqual(['perDay', 'perMonth'])
    expect(await pay(limits, 1100)).toBe('perDay')
  })

  it('is told to come near by approachAt once in a month', async () => {
    const { pay, turnTo, approaches } = openAt('2026-02-10T12:00:00Z')
    const limits = createLimits({ ...OPEN, perMonth: '$0.50' })
    for (let paid = 0; paid < 5; paid++) await pay(limits, 10)
    turnTo('2026-03-01T00:00:00Z')
    for (let paid = 0; paid < 4; paid++) await pay(limits, 10)
    expect(approaches).toEqual(
      Array.from({ length: 2 }, () => ({ limit: 'perMonth', scope: {}, share: 0.8, spent: '$0.40', allowed: '$0.50' })),
    )
  })

  it.each<[unknown, string, string]>([
    [
      { perMonth: {} },
      'INVALID_OPTION',
      '`limits.perMonth` must be an amount of money, a number of `payments`, or both',
    ],
    [{ perMonth: { timeZone: PARIS } }, 'INVALID_OPTION', '`limits.perMonth` must be an amount of money'],
    [
      { perMonth: { amount: '$1', timeZone: 'Europe/Atlantis' } },
      'INVALID_OPTION',
      "`limits.perMonth.timeZone` must be an IANA time zone that this runtime knows, such as 'Europe/Paris'",
    ],
    [{ perMonth: { amount: '$1', timeZone: '+02:00' } }, 'INVALID_OPTION', '`limits.perMonth.timeZone`'],
    [{ perMonth: { amount: '$1', timeZone: 2 } }, 'INVALID_OPTION', '`limits.perMonth.timeZone`'],
    [{ perMonth: { amount: '$1', timezone: PARIS } }, 'UNKNOWN_OPTION', '`limits.perMonth.timezone`'],
    [{ perDay: { amount: '$1', timeZone: PARIS } }, 'UNKNOWN_OPTION', '`limits.perDay.timeZone`'],
    [{ perMonth: { amount: 5 } }, 'INVALID_MONEY', '`limits.perMonth.amount`'],
    [{ perTag: { perMonth: { payments: -1 } } }, 'INVALID_OPTION', '`limits.perTag.perMonth.payments`'],
  ])('error: %o is %s', (options, code, text) => {
    expect(() => createLimits(options as LimitsOptions)).toThrow(
      expect.objectContaining({ name: 'ConfigurationError', code, message: expect.stringContaining(text) }),
    )
  })
})

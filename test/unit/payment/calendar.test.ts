import fc from 'fast-check'
import { expect, test } from 'vitest'
import { horizonOf, isTimeZone, monthOf } from '../../../src/payment/calendar.js'

const at = (iso: string) => Date.parse(iso) / 1000

/** The month of a time as two moments. */
function tell(iso: string, timeZone: string) {
  const { startSeconds, endSeconds } = monthOf(at(iso), timeZone)
  return [startSeconds, endSeconds].map((seconds) => new Date(seconds * 1000).toISOString().slice(0, 19))
}

test('monthOf: begins with the first second of the first day and ends where the next month begins, in UTC', () => {
  expect(tell('2026-02-01T00:00:00Z', 'UTC')).toEqual(['2026-02-01T00:00:00', '2026-03-01T00:00:00'])
  expect(tell('2026-02-28T23:59:59Z', 'UTC')).toEqual(['2026-02-01T00:00:00', '2026-03-01T00:00:00'])
  expect(tell('2028-02-29T23:59:59Z', 'UTC')).toEqual(['2028-02-01T00:00:00', '2028-03-01T00:00:00'])
  expect(tell('2026-12-31T23:59:59Z', 'UTC')).toEqual(['2026-12-01T00:00:00', '2027-01-01T00:00:00'])
})

test('monthOf: goes by the clocks of the zone, in winter and in summer, to the second', () => {
  expect(tell('2026-03-31T21:59:59Z', 'Europe/Paris')).toEqual(['2026-02-28T23:00:00', '2026-03-31T22:00:00'])
  expect(tell('2026-03-31T22:00:00Z', 'Europe/Paris')).toEqual(['2026-03-31T22:00:00', '2026-04-30T22:00:00'])
  expect(tell('2026-10-31T23:00:00Z', 'Europe/Paris')).toEqual(['2026-10-31T23:00:00', '2026-11-30T23:00:00'])
  expect(tell('2026-11-01T04:00:00Z', 'America/New_York')).toEqual(['2026-11-01T04:00:00', '2026-12-01T05:00:00'])
  expect(tell('2026-06-15T00:00:00Z', 'Asia/Kolkata')).toEqual(['2026-05-31T18:30:00', '2026-06-30T18:30:00'])
})

test('monthOf: knows zones that are furthest from UTC', () => {
  expect(tell('2026-05-31T10:00:00Z', 'Pacific/Kiritimati')).toEqual(['2026-05-31T10:00:00', '2026-06-30T10:00:00'])
  expect(tell('2026-06-01T10:59:59Z', 'Pacific/Niue')).toEqual(['2026-05-01T11:00:00', '2026-06-01T11:00:00'])
})

test('monthOf: begins after what the clocks skip, where they skip the beginning of the first day', () => {
  // Clocks went from midnight to one o'clock (IANA time zone database, Paraguay, 2017).
  expect(tell('2017-10-01T04:00:00Z', 'America/Asuncion')).toEqual(['2017-10-01T04:00:00', '2017-11-01T03:00:00'])
  expect(tell('2017-10-01T03:59:59Z', 'America/Asuncion')[1]).toBe('2017-10-01T04:00:00')
})

test('monthOf: puts each second into one month, where clocks are set back on the first and show the last of the month before again', () => {
  // At 00:01 on November 1 to 23:01 on October 31 (IANA time zone database, Newfoundland, 2009).
  const seconds = Array.from({ length: 130 }, (_, minute) => at('2009-11-01T01:30:00Z') + minute * 60)
  const starts = seconds.map((second) => monthOf(second, 'America/St_Johns').startSeconds)
  const changes = starts.filter((start, index) => index > 0 && start !== starts[index - 1])
  expect(changes).toHaveLength(1)
  for (const [index, start] of starts.entries()) expect(start).toBeLessThanOrEqual(seconds[index] ?? 0)
})

const ZONES = ['UTC', 'Europe/Paris', 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe', 'Antarctica/Troll']

test('monthOf: divides all of time into months that follow each other, whatever was asked before', () => {
  const whenever = fc.record({
    zone: fc.constantFrom(...ZONES),
    seconds: fc.integer({ min: 0, max: at('2100-01-01T00:00:00Z') }),
  })
  fc.assert(
    fc.property(whenever, ({ zone, seconds }) => {
      const month = monthOf(seconds, zone)
      expect(month.startSeconds).toBeLessThanOrEqual(seconds)
      expect(month.endSeconds).toBeGreaterThan(seconds)
      expect(monthOf(month.endSeconds, zone).startSeconds).toBe(month.endSeconds)
      expect(monthOf(month.startSeconds - 1, zone).endSeconds).toBe(month.startSeconds)
      expect(monthOf(month.startSeconds, zone)).toEqual(month)
    }),
  )
})

test('isTimeZone: knows the zones of IANA, and no offsets, other words or other values', () => {
  for (const name of ['UTC', 'Etc/UTC', 'Europe/Paris', 'America/Argentina/Buenos_Aires'])
    expect([name, isTimeZone(name)]).toEqual([name, true])
  for (const name of ['Europe/Atlantis', '', '+02:00', ' UTC', 'local', 2, undefined, null, ['UTC']])
    expect([name, isTimeZone(name)]).toEqual([name, false])
})

test('horizonOf: is before the month, before the window, or before all time', () => {
  const now = at('2026-03-15T12:00:00Z')
  expect(horizonOf({ windowSeconds: undefined, monthIn: 'UTC' }, now)).toBe(at('2026-03-01T00:00:00Z') - 1)
  expect(horizonOf({ windowSeconds: 60 }, now)).toBe(now - 60)
  expect(horizonOf({ windowSeconds: undefined }, now)).toBe(Number.NEGATIVE_INFINITY)
})

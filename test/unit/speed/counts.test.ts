import { beforeAll, expect, it } from 'vitest'
import { budget } from '../../support/counts/budget.js'
import { type PaidCallCounts, readPaidCallCounts } from '../../support/counts/paid-call-counts.js'

let counted: PaidCallCounts

beforeAll(async () => {
  counted = await readPaidCallCounts(`counts-${process.env['VITEST_POOL_ID']}`)
})

it.each(budget)('wrapFetchWithPayment: a warmed-up paid call does at most $most of $what', ({ what, most }) => {
  expect(counted.ours[what]).toBeLessThanOrEqual(most)
})

it('the counters: see what two bare requests and the official client are known to do', () => {
  expect(counted.floor).toMatchObject({ 'Object.freeze': 0, 'new URL': 0, 'JSON.stringify': 0, 'new Request': 0 })
  expect(counted.floor.promises).toBeGreaterThan(0)
  expect(counted.official).toMatchObject({ 'JSON.stringify': 1, 'new Request': 1, 'new URL': 1 })
})

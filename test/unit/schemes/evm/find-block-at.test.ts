import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findBlockAt, NEAR_SECONDS } from '../../../../schemes/evm/chain/authorization.js'
import { createEvmChain } from '../../../../schemes/evm/chain/chain.js'
import type { EvmRequest } from '../../../../schemes/evm/chain/rpc-sources.js'

/** A chain whose block `number` has the time `timeOf(number)`, and how often it was asked for a block. */
function createTimes(timeOf: (number: number) => number) {
  const asked: number[] = []
  const chain = createEvmChain(async ({ method, params }: EvmRequest) => {
    if (method !== 'eth_getBlockByNumber') return '0x1'
    asked.push(Number(params[0]))
    return { number: params[0], timestamp: `0x${timeOf(Number(params[0])).toString(16)}` }
  }, 1)
  return { chain, asked }
}

test.each([
  ['Base', 30_000_000, 2],
  ['Ethereum', 22_000_000, 12],
  ['Arbitrum', 350_000_000, 0.25],
  ['Sei', 150_000_000, 0.4],
])('findBlockAt: needs few questions on a chain like %s', async (_name, newest, pace) => {
  const timeOf = (number: number) => 1_600_000_000 + Math.floor(number * pace)
  for (const ago of [0, 700, 86_400, 30 * 86_400]) {
    const { chain, asked } = createTimes(timeOf)
    const seconds = timeOf(newest) - ago
    const found = await findBlockAt(chain, { number: newest, timestamp: timeOf(newest) }, seconds)
    expect(seconds - timeOf(found ?? 0)).toBeGreaterThanOrEqual(0)
    expect(seconds - timeOf(found ?? 0)).toBeLessThanOrEqual(NEAR_SECONDS)
    expect(asked.length).toBeLessThanOrEqual(6)
  }
})

test('findBlockAt: finds the last block before a moment, or one near it, whatever the pace', async () => {
  const gaps = fc.array(fc.oneof(fc.nat(15), fc.nat(100_000)), { minLength: 1, maxLength: 150 })
  await fc.assert(
    fc.asyncProperty(gaps, fc.double({ min: 0, max: 1.1, noNaN: true }), async (list, share) => {
      const times = [1_600_000_000]
      for (const gap of list) times.push((times.at(-1) ?? 0) + gap)
      const newest = { number: list.length, timestamp: times.at(-1) ?? 0 }
      const seconds = 1_600_000_000 + Math.floor((newest.timestamp - 1_600_000_000) * share)
      const found = await findBlockAt(createTimes((number) => times[number] ?? 0).chain, newest, seconds)

      const time = times[found ?? -1] ?? Number.NaN
      expect(time).toBeLessThanOrEqual(seconds)
      const next = times[(found ?? 0) + 1] ?? Number.POSITIVE_INFINITY
      expect(seconds - time <= NEAR_SECONDS || next > seconds).toBe(true)
    }),
  )
})

test('findBlockAt: starts at the first block for a moment before the chain', async () => {
  const { chain } = createTimes((number) => 1_600_000_000 + number)
  expect(await findBlockAt(chain, { number: 50, timestamp: 1_600_000_050 }, 1_000)).toBe(0)
})

test('findBlockAt: gives up on a long chain whose time makes one jump', async () => {
  const { chain, asked } = createTimes((number) => (number < 2 ** 51 ? 1 : 2_000_000_000))
  expect(await findBlockAt(chain, { number: 2 ** 52, timestamp: 2_000_000_001 }, 1_600_000_000)).toBeUndefined()
  expect(asked.length).toBe(24)
})

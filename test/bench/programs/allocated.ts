import { setTimeout as pause } from 'node:timers/promises'
import { createFloor, createOfficial, createOurs, stubbedSigner } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'
import { collectGarbage, interleave, isQuick, repeat, tellFigures, toMedian } from '../figures.js'

/** How much memory a paid call asks for, kept or not. Run with so large a young generation that nothing is collected while it is measured. */
const CALLS = 100
const TURNS = isQuick() ? 5 : 9

const seller = createSeller()
const buyers = {
  floor: createFloor(seller),
  official: createOfficial(seller, stubbedSigner),
  ours: createOurs(seller, stubbedSigner),
}
const buy = (name: keyof typeof buyers) => () => buyers[name]('https://api.example.com/paid')
const measure = (name: keyof typeof buyers) => async () => {
  await pause(5)
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  await repeat(CALLS, buy(name))
  return (process.memoryUsage().heapUsed - before) / CALLS / 1000
}
// Code that isn't optimized yet asks for more.
for (const name of ['floor', 'official', 'ours'] as const) await repeat(3000, buy(name))
const { floor, official, ours } = await interleave(
  { floor: measure('floor'), official: measure('official'), ours: measure('ours') },
  TURNS,
)
tellFigures({
  allocated: {
    now: toMedian(ours),
    official: toMedian(official),
    note: `two bare requests ${toMedian(floor).toFixed(0)} kB`,
  },
})

import { createFloor, createOfficial, createOurs, stubbedSigner } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'
import { interleave, isQuick, repeat, tellFigures, toQuantile } from '../figures.js'

/** *hot*: what a call adds to two bare requests, with the signature stubbed and the network in this process; the fastest tenth of the calls. */
const BATCH = 20
const TURNS = isQuick() ? 150 : 300

const seller = createSeller()
const buyers = {
  floor: createFloor(seller),
  floorAgain: createFloor(seller),
  official: createOfficial(seller, stubbedSigner),
  ours: createOurs(seller, stubbedSigner),
  oursAgain: createOurs(seller, stubbedSigner),
}
type Name = keyof typeof buyers

const calls = { floor: [], floorAgain: [], official: [], ours: [], oursAgain: [] } as Record<Name, number[]>
const measure = (name: Name) => async () => {
  const buy = buyers[name]
  await repeat(BATCH, async () => {
    const start = process.hrtime.bigint()
    await buy('https://api.example.com/paid')
    calls[name].push(Number(process.hrtime.bigint() - start) / 1000)
  })
  return 0
}
const cases = {
  floor: measure('floor'),
  floorAgain: measure('floorAgain'),
  official: measure('official'),
  ours: measure('ours'),
  oursAgain: measure('oursAgain'),
}
await interleave(cases, TURNS / 5)
for (const name of Object.keys(cases) as Name[]) calls[name] = []
await interleave(cases, TURNS)

const added = (name: Name, part = 0.1) => toQuantile(calls[name], part) - toQuantile(calls.floor, part)
const us = (value: number) => value.toFixed(0)
tellFigures({
  hot: {
    now: added('ours') / added('official'),
    again: added('oursAgain') / added('ours'),
    note: `p10 adds ${us(added('ours'))} µs, official ${us(added('official'))}, floor again ${us(added('floorAgain'))}; medians ${us(added('ours', 0.5))} and ${us(added('official', 0.5))}`,
  },
})

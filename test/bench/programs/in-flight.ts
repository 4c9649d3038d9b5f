import { type Buyer, createFloor, createOfficial, createOurs, stubbedSigner } from '../../support/counts/buyers.js'
import { interleave, isQuick, measureTime, repeatAtOnce, tellFigures, toMedian, toRatio } from '../figures.js'
import { startOtherProcess } from './other-process.js'

/** Many paid calls at once over the loopback, with the signature stubbed: how long they take, against as many times two bare requests. */
const CALLS = isQuick() ? 256 : 512
const TURNS = isQuick() ? 3 : 9
const seller = await startOtherProcess(process.argv[2])

const buyers = {
  floor: createFloor(fetch),
  floorAgain: createFloor(fetch),
  official: createOfficial(fetch, stubbedSigner),
  ours: createOurs(fetch, stubbedSigner),
}
const measure = (buy: Buyer, atOnce: number) => () =>
  measureTime(() => repeatAtOnce(CALLS, atOnce, async () => (await buy(`${seller.url}/paid`)).text()))

tellFigures({ 'in-flight-64': await measureAt(64), 'in-flight-256': await measureAt(256) })
await seller.stop()

async function measureAt(atOnce: number) {
  const cases = {
    floor: measure(buyers.floor, atOnce),
    floorAgain: measure(buyers.floorAgain, atOnce),
    official: measure(buyers.official, atOnce),
    ours: measure(buyers.ours, atOnce),
  }
  await interleave(cases, 1)
  const { floor, floorAgain, official, ours } = await interleave(cases, TURNS)
  const perSecond = (times: readonly number[]) => ((CALLS * 1e6) / toMedian(times)).toFixed(0)
  return {
    ...toRatio(ours, floor),
    official: toRatio(official, floor).now,
    again: toRatio(floorAgain, floor).now,
    note: `${perSecond(ours)} a second, official ${perSecond(official)}, floor ${perSecond(floor)}`,
  }
}

import {
  type Buyer,
  createAccount,
  createBareFetch,
  createFloor,
  createOfficial,
  createOurs,
} from '../../support/counts/buyers.js'
import { interleave, isQuick, measureCpu, repeat, tellFigures, toMedian, toQuantile, toRatio } from '../figures.js'
import { startOtherProcess } from './other-process.js'

/**
 * *whole*: processor time of the buyer's process for a paid call over the loopback, against two bare requests and one signature of viem.
 * And of a free one, against a bare request.
 */
const BATCH = 20
const TURNS = isQuick() ? 15 : 50
const seller = await startOtherProcess(process.argv[2])
const account = createAccount()

const measure = (buy: Buyer, path: string, batch = BATCH) => {
  const call = async () => (await buy(seller.url + path)).text()
  return () => measureCpu(() => repeat(batch, call))
}
const paid = await interleaveWarm({
  floor: measure(createFloor(fetch, account), '/paid'),
  floorAgain: measure(createFloor(fetch, account), '/paid'),
  official: measure(createOfficial(fetch, account), '/paid'),
  ours: measure(createOurs(fetch, account), '/paid'),
  hashed: measure(createOurs(fetch, account, 'hash'), '/paid'),
})
const free = await interleaveWarm({
  floor: measure(createBareFetch(fetch), '/free', 5 * BATCH),
  floorAgain: measure(createBareFetch(fetch), '/free', 5 * BATCH),
  official: measure(createOfficial(fetch, account), '/free', 5 * BATCH),
  ours: measure(createOurs(fetch, account), '/free', 5 * BATCH),
})
await seller.stop()

const official = toRatio(paid.official, paid.floor).now
const again = toRatio(paid.floorAgain, paid.floor).now
const us = (cpu: readonly number[], batch = BATCH) => `${(toMedian(cpu) / batch).toFixed(0)} µs`
tellFigures({
  whole: {
    ...toRatio(paid.ours, paid.floor),
    ...{ official, again },
    note: `${us(paid.ours)}, official ${us(paid.official)}, floor ${us(paid.floor)}`,
  },
  'whole-hash': { ...toRatio(paid.hashed, paid.floor), official, again, note: us(paid.hashed) },
  free: {
    ...toRatio(free.ours, free.floor),
    // A call is so short that one collection of garbage doubles a batch: the faster ones are compared.
    now: toQuantile(free.ours, 0.25) / toQuantile(free.floor, 0.25),
    official: toRatio(free.official, free.floor).now,
    again: toRatio(free.floorAgain, free.floor).now,
    note: `${us(free.ours, 5 * BATCH)}, official ${us(free.official, 5 * BATCH)}, bare ${us(free.floor, 5 * BATCH)}`,
  },
})

async function interleaveWarm<Name extends string>(cases: Record<Name, () => Promise<number>>) {
  await interleave(cases, TURNS / 3)
  return interleave(cases, TURNS)
}

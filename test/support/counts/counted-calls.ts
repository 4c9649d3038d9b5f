import { type Counts, count, installCounters } from './counters.js'

/**
 * Counts what one paid call does: pay402's, the official client's, and the floor under both, two bare requests. A program of its own, since
 * it replaces globals. Prints JSON.
 */
const URL_OF_PAID = 'https://api.example.com/paid'

/** Enough for what is loaded on demand, and for what is remembered of a seller. */
const WARMING_CALLS = 50

const COUNTED_CALLS = 9

const { createSeller } = await import('./seller.js')
const seller = createSeller()
installCounters()
const { createFloor, createOfficial, createOurs, stubbedSigner } = await import('./buyers.js')

const counted = {
  ours: await countPaidCall(createOurs(seller, stubbedSigner)),
  official: await countPaidCall(createOfficial(seller, stubbedSigner)),
  floor: await countPaidCall(createFloor(seller)),
}
process.stdout.write(`${JSON.stringify(counted)}\n`)

/** The call in the middle of several: a timer of an earlier one may fire in one of them. */
async function countPaidCall(buy: (url: string) => Promise<unknown>): Promise<Counts> {
  for (let call = 0; call < WARMING_CALLS; call++) await buy(URL_OF_PAID)
  const calls: Counts[] = []
  for (let call = 0; call < COUNTED_CALLS; call++) calls.push(await count(() => buy(URL_OF_PAID)))
  const [median] = calls.sort((a, b) => a.promises - b.promises).slice(COUNTED_CALLS >> 1)
  if (median === undefined) throw new Error('nothing was counted')
  return median
}

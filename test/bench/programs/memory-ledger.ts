import { once } from 'node:events'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import { createMemoryLedger } from 'pay402/ledger'
import { stubbedSigner } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'
import { collectGarbage, type Figure, interleave, isQuick, repeat, tellFigures, toMedian, toRatio } from '../figures.js'
import { createPacedLedger } from './paced-ledger.js'

/** What a ledger in memory holds for payments that are over, and how long its steps take once it has many. */
const MANY = isQuick() ? 40_000 : 1_000_000
const WHOLE = 12_000
const BEYOND = isQuick() ? 3_000 : 18_000
const TURNS = 25
const MEGABYTE = 1_000_000

const payment = await weighPayments()

const rest = readHeld()
const many = await createPacedLedger()
await many.pay(MANY / 2)
const half = readHeld()
await many.pay(MANY / 2)
const all = readHeld()
// What is beyond half of them, for each that is missing to a million.
const million = (all - rest + ((all - half) / (MANY / 2)) * (1_000_000 - MANY)) / MEGABYTE

const few = new Worker(resolve(process.argv[2] ?? ''))
const measureFew = async () => {
  few.postMessage('measure')
  const [time]: number[] = await once(few, 'message')
  return time ?? Number.NaN
}
const cases = { few: measureFew, fewAgain: measureFew, many: many.measureStep }
await interleave(cases, 5)
const times = await interleave(cases, TURNS)
await few.terminate()

const us = (figures: readonly number[]) => toMedian(figures).toFixed(1)
tellFigures({
  'ledger-payment': payment,
  'ledger-million': { now: million, ...(isQuick() && { note: `quick: reckoned from ${MANY} payments` }) },
  'ledger-step': {
    ...toRatio(times.many, times.few),
    again: toRatio(times.fewAgain, times.few).now,
    note: `${isQuick() ? 'quick: ' : ''}${us(times.many)} µs at ${MANY} payments, ${us(times.few)} at 5000`,
  },
})

/**
 * What one payment holds, by whole calls of a client: strings of its records may keep others alive, which no record made by hand shows. The
 * first ones, which a ledger keeps whole, aren't weighed.
 */
async function weighPayments(): Promise<Figure> {
  const client = new x402Client({ limits: { perPayment: '$1', perDay: '$1000000' }, ledger: createMemoryLedger() })
  client.register('eip155:*', new ExactEvmScheme(stubbedSigner))
  const paidFetch = wrapFetchWithPayment(createSeller(), client)
  const call = () => paidFetch('https://api.example.com/paid')
  await repeat(WHOLE, call)
  const whole = readHeld()
  await repeat(BEYOND, call)
  return { now: (readHeld() - whole) / BEYOND, note: `calls ${WHOLE + 1} to ${WHOLE + BEYOND}` }
}

function readHeld(): number {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

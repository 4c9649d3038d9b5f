import { Redis } from 'ioredis'
import { expect, it, onTestFinished } from 'vitest'
import { createRedisLedger } from '../../../src/ledger/redis/index.js'
import { systemClock } from '../../../src/payment/clock.js'
import { createBuyer } from '../../support/create-buyer.js'
import { startRedis } from '../../support/engines/start-redis.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'

/** Where the name of a step is among what is sent, and what goes with it. */
const VERB = 3 + 12

const PATIENCE_MS = 1000

/** What a call waits for besides steps: between two tries to tell what became of a payment. */
const PAUSE_MS = 50

/** A buyer whose Redis is held still as soon as it is asked for the n-th step of this kind. */
async function open(verb: string, nth: number) {
  const server = await startRedis()
  const redis = new Redis({ port: server.port, host: '127.0.0.1', autoResendUnfulfilledCommands: false })
  let isFrozen = false
  let seen = 0
  /** By how much the deadline of each step is later than the moment at which it was asked, but for what the two clocks differ. */
  const given: number[] = []
  const ledger = await createRedisLedger({
    budget: 'shop',
    patienceSeconds: PATIENCE_MS / 1000,
    send: ([name = '', ...args]) => {
      const [step, , , deadline = ''] = args.slice(VERB - 1)
      // What is sent again as a whole script, since Redis didn't know it by its hash, is the same step.
      if (step === verb && name === 'EVALSHA' && ++seen === nth) {
        server.pause()
        isFrozen = true
      }
      // No call waits for a beat, and none for longer where there is no deadline.
      if (isFrozen && step !== 'beat' && deadline !== '') given.push(Number(deadline) - systemClock.monotonicMs())
      return redis.call(name, ...args)
    },
  })
  onTestFinished(async () => {
    server.goOn()
    await ledger.close()
    redis.disconnect()
    await server.stop()
  })
  return {
    buyer: createBuyer({ ledger }),
    seller: await openSeller(sell),
    server,
    ledger,
    /** How long a call waits for steps after the first, together. */
    countMore() {
      const [first = Number.NaN, ...more] = given
      return more.map((one) => PATIENCE_MS + one - first).reduce((sum, one) => sum + one + PAUSE_MS, 0)
    },
  }
}

it.each([
  ['open', 1, 'untouched', 1],
  ['reserve', 1, 'untouched', 1],
  ['write', 1, 'signed', 1],
] as const)(
  'error: LEDGER_UNAVAILABLE within patience and a second in all when Redis is held still at step %s, number %s, and the money is %s',
  async (verb, nth, money, requests) => {
    const { buyer, seller, countMore, server, ledger } = await open(verb, nth)
    expect(await refusalOf(buyer.paidFetch(seller.url))).toMatchObject({ code: 'LEDGER_UNAVAILABLE', money })
    expect(seller.requests).toHaveLength(requests)
    expect(countMore()).toBeLessThan(1000)
    server.goOn()
    expect((await buyer.paidFetch(seller.url)).status).toBe(200)
    const { count } = await ledger.spent({ name: 'perDay', unit: 'usd', scope: {}, windowSeconds: 86_400 })
    expect(count).toBe(1)
  },
)

it('wrapFetchWithPayment: hands a paid response over within patience and a second in all, when Redis is held still after it', async () => {
  const { buyer, seller, countMore } = await open('write', 2)
  expect((await buyer.paidFetch(seller.url)).status).toBe(200)
  expect(countMore()).toBeLessThan(1000)
})

import type { Redis } from 'ioredis'
import { expect, it, vi } from 'vitest'
import { createFence } from '../../../src/ledger/redis/fence.js'
import { createRedisLedger, type RedisLedger } from '../../../src/ledger/redis/index.js'
import type { Send } from '../../../src/ledger/redis/script.js'
import { createScript } from '../../../src/ledger/redis/script.js'
import { createRedisStore } from '../../../src/ledger/redis/store.js'
import { systemClock } from '../../../src/payment/clock.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import type { Payment } from '../../../src/payment/payment.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, DOLLAR, named } from '../../../src/testing/ledger/draft.js'
import { createSent, delivered, lost, sent } from '../../../src/testing/ledger/events.js'
import { openRedisStore, toMark, toRequest, toRow } from '../../support/engines/open-redis-store.js'
import { createLine } from '../../support/engines/redis-handles.js'
import type { RedisServer } from '../../support/engines/start-redis.js'
import { connectAs, useRedis } from '../../support/engines/use-redis.js'
import { createGate } from '../../support/money/create-gate.js'

let server: RedisServer
let redis: Redis
let budgets = 0
useRedis({ appendonly: 'no' }, (used) => {
  server = used.server
  redis = used.redis
})

const direct: Send = ([name = '', ...args]) => redis.call(name, ...args)
const nextBudget = () => `attack-${++budgets}`

function open(budget: string, options: Partial<createRedisLedger.Options> = {}): Promise<RedisLedger> {
  return createRedisLedger({ send: direct, budget, durable: 'best-effort', ...options })
}

/** The key of a budget that has this. */
const keyOf = (budget: string, what: string) => `pay402:{${budget}}:${what}`

const keysOf = (budget: string) => [...'mrpdwxouihlg'].map((what) => keyOf(budget, what))

/** Redis loses all of a budget. */
const forget = (budget: string) => redis.del(...keysOf(budget))

/** Copies a budget; resolves to what makes Redis go back to it. */
async function copy(budget: string): Promise<() => Promise<void>> {
  const copies = await Promise.all(keysOf(budget).map(async (key) => [key, await redis.dumpBuffer(key)] as const))
  return async () => {
    await forget(budget)
    for (const [key, value] of copies) if (value !== null) await redis.restore(key, 0, value)
  }
}

async function expectDelivered(ledger: RedisLedger, id: string): Promise<void> {
  const all: Payment[] = []
  for await (const payment of ledger.list({})) all.push(payment)
  expect(all).toMatchObject([{ id, state: 'sent', delivery: 'delivered' }])
}

async function reserve(ledger: RedisLedger, purchase: string, dollars = 99): Promise<Payment> {
  const reserved = await ledger.reserve(createDraft({ call: named(purchase) }), [createCap(dollars)])
  if (isRefusal(reserved)) throw new Error(`${purchase} was refused.`)
  return reserved
}

/** Where the name of a step is among what is sent, and what goes with it. */
const VERB = 3 + 12

it('createRedisLedger: goes on when the clock of Redis jumps, or that of the Redis that takes over is ahead', async () => {
  let aheadMs = 0
  const ledger = await open(nextBudget(), {
    patienceSeconds: 1,
    // A command's deadline comes earlier by as much as the clock is ahead.
    async send(args) {
      const given = [...args]
      const deadline = given[VERB + 3]
      if (deadline === undefined) return direct(given)
      if (deadline !== '') given[VERB + 3] = String(Number(deadline) - aheadMs)
      const reply = (await direct(given)) as string[]
      return reply.with(2, String(Number(reply[2]) + aheadMs))
    },
  })
  for (const jump of [7000, 3_600_000, -3_600_000, 20_000]) {
    aheadMs += jump
    await reserve(ledger, `after ${jump}`)
  }
  await ledger.close()
})

it('reserve: never takes a payment again that others have ended, however late its reply is asked for once more', async () => {
  const budget = nextBudget()
  const line = createLine(direct)
  let isLosing = true
  const late = await open(budget, {
    patienceSeconds: 60,
    async send(args) {
      const reply = await line.send(args)
      if (args[VERB] !== 'reserve' || !isLosing) return reply
      isLosing = false
      // It can't be reached for longer than its lease.
      await redis.zadd(keyOf(budget, 'l'), 1, line.owner())
      const other = await open(budget)
      expect((await other.spent(createCap(1))).count).toBe(0)
      await other.note((await reserve(other, 'another', 1)).id, sent)
      await other.close()
      throw new Error('Connection is closed.')
    },
  })
  const isTaken = await reserve(late, 'weather', 1)
    .then(
      ({ id }) => late.note(id, sent).then(() => true),
      () => false,
    )
    .catch(() => false)
  expect(isTaken).toBe(false)
  expect((await late.spent(createCap(1))).held).toBeLessThanOrEqual(DOLLAR)
  await late.close()
})

it("createRedisLedger: knows what was delivered while Redis had forgotten all, so that its key isn't under way for good", async () => {
  const budget = nextBudget()
  const ledger = await open(budget)
  const draft = createDraft({ call: { ...named('job'), isKeyed: true } })
  const reserved = await ledger.reserve(draft, [])
  if (isRefusal(reserved)) throw new Error('It was refused.')
  await ledger.note(reserved.id, sent)
  await forget(budget)
  await ledger.note(reserved.id, delivered)
  await expectDelivered(ledger, reserved.id)
  await ledger.close()
})

it('createRedisLedger: knows what was delivered while Redis went back to before it was sent', async () => {
  const budget = nextBudget()
  const ledger = await open(budget)
  const reserved = await reserve(ledger, 'job')
  const goBack = await copy(budget)
  await ledger.note(reserved.id, sent)
  await goBack()
  await ledger.note(reserved.id, delivered)
  await expectDelivered(ledger, reserved.id)
  await ledger.close()
})

it('createRedisLedger: reserves although the clock of Redis went back while all were putting back', async () => {
  const budget = nextBudget()
  const ledger = await open(budget)
  await redis.hset(keyOf(budget, 'm'), 'rec', Date.now() + 7_200_000)
  await reserve(ledger, 'weather')
  await ledger.close()
})

it('createRedisLedger: finds a process that is gone although the clock of Redis went back since its last beat', async () => {
  const budget = nextBudget()
  const line = createLine(direct)
  const dead = await open(budget, { send: line.send })
  await reserve(dead, 'weather', 1)
  line.cut()
  await redis.zadd(keyOf(budget, 'l'), Date.now() + 7_200_000, line.owner())
  const other = await open(budget)
  expect(Number(await redis.zscore(keyOf(budget, 'l'), line.owner()))).toBeLessThan(Date.now() + 60_000)
  await other.close()
})

it('bury: leaves a process on the list that has something again', async () => {
  const { store, ask, close } = await openRedisStore(server)
  const held = { ...ask, owner: toMark(7, 32), leaseMs: 1 }
  await store.beat(held)
  await new Promise((resolve) => setTimeout(resolve, 20))
  // It was held up; others have ended all that it had, and are about to bury it.
  const facts = { number: 5, host: 1, payTo: 1, tags: [], resource: 1, amounts: ['1', '1'] }
  expect((await store.reserve(toRequest(toRow(facts, { owner: held.owner })), held)).told.is).toBe('reserved')
  await store.bury(held.owner, ask)
  expect((await store.beat(ask)).told).toEqual([held.owner])
  close()
})

it('createRedisLedger: puts back what was written before Redis lost it, also where that is replied after all others were put back', async () => {
  const budget = nextBudget()
  let hold: Promise<void> | undefined
  const ledger = await open(budget, {
    async send(args) {
      const reply = await direct(args)
      if (args[VERB] === 'write') await hold
      return reply
    },
  })
  const kept = await reserve(ledger, 'first')
  await ledger.note(kept.id, sent)
  const slow = await reserve(ledger, 'second')
  const gate = createGate()
  hold = gate.passed
  const noting = ledger.note(slow.id, sent)
  await vi.waitFor(async () => expect(await redis.zcard(keyOf(budget, 'u'))).toBe(2))
  await forget(budget)
  await ledger.get('kind', 'key')
  await vi.waitFor(async () => expect((await ledger.spent(createCap(9))).count).toBe(1))
  gate.open()
  hold = undefined
  await noting
  await vi.waitFor(async () => expect((await ledger.spent(createCap(9))).count).toBe(2), { timeout: 10_000 })
  await ledger.close()
})

it('createRedisLedger: puts back although Redis never replied to the first try', async () => {
  const budget = nextBudget()
  let isSilent = true
  const ledger = await open(budget, {
    async send(args) {
      if (args[VERB] === 'mend' && isSilent) {
        isSilent = false
        return new Promise(() => undefined)
      }
      return direct(args)
    },
  })
  const kept = await reserve(ledger, 'first')
  await ledger.note(kept.id, sent)
  await forget(budget)
  await ledger.get('kind', 'key')
  await vi.waitFor(async () => expect((await ledger.spent(createCap(9))).count).toBe(1), { timeout: 10_000 })
  await ledger.close()
})

it('createRedisLedger: serves one that may not read INFO and one that may, on one budget', async () => {
  const budget = nextBudget()
  await redis.call('ACL', 'SETUSER', 'blind', 'on', '>secret', '~*', '+@all', '-info')
  const user = connectAs('blind', server)
  const seeing = await open(budget)
  const blind = await open(budget, { send: ([name = '', ...args]) => user.call(name, ...args) })
  for (const [index, ledger] of [blind, seeing, blind, seeing].entries()) {
    await ledger.note((await reserve(ledger, `${index}`)).id, sent)
  }
  expect(Number(await redis.hget(keyOf(budget, 'm'), 'rec'))).toBeLessThan(Date.now())
  await blind.close()
  await seeing.close()
  user.disconnect()
})

it('claim: a process that was held up beyond its lease presents what was taken from it only as others do', async () => {
  const budget = nextBudget()
  const line = createLine(direct)
  const held = await open(budget, { send: line.send })
  const payment = await reserve(held, 'weather')
  await held.note(payment.id, sent)
  const unsent = await reserve(held, 'rain')
  await redis.zadd(keyOf(budget, 'l'), 1, line.owner())
  const other = await open(budget)
  expect(await other.claim(createClaimant(named('weather')))).toMatchObject({ is: 'yours' })
  await expect(held.note(unsent.id, sent)).rejects.toMatchObject({ code: 'LEDGER_CONFLICT' })
  await other.note(payment.id, { type: 'sent' })
  await other.note(payment.id, delivered)
  expect(await held.note(payment.id, lost)).toMatchObject({ delivery: 'delivered' })
  expect((await other.spent(createCap(9))).count).toBe(1)
  await held.close()
  await other.close()
})

it('createRedisLedger: puts back what it sent before it was held up, however long that was', async () => {
  const budget = nextBudget()
  let nowMs = 1000
  const clock = { nowSeconds: () => 0, monotonicMs: () => nowMs }
  const script = await createScript(direct, budget)
  const nothing = async () => undefined
  const fence = createFence(script, nothing, clock, () => undefined)
  const store = createRedisStore(script, fence, nothing)
  const ask = { owner: toMark(1, 32), leaseMs: 15_000, deadlineMs: undefined, nowSeconds: undefined }
  const row = toRow({ number: 5, host: 1, payTo: 1, tags: [], resource: 1, amounts: ['1', '1'] })
  await store.reserve(toRequest(row), ask)
  await store.write({ row: { ...row, text: '["sent"]' }, revision: 1, isDurable: true }, ask)
  await forget(budget)
  nowMs += 120_000
  await store.get('freeze', ask)
  await vi.waitFor(async () => expect((await store.rows({ ids: [row.id] }, ask)).told).toMatchObject([{ revision: 2 }]))
  // It knows that Redis has it still.
  nowMs += 120_000
  await store.get('freeze', ask)
  await forget(budget)
  await store.get('freeze', ask)
  expect((await store.rows({ ids: [row.id] }, ask)).told).toEqual([])
  fence.end()
})

/** How many looks into hashes a step takes: what a script does, whatever else the machine does. */
async function countLooks(step: () => Promise<void>): Promise<number> {
  await redis.config('RESETSTAT')
  await step()
  return Number(/cmdstat_hget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1])
}

it('reserve: looks at as much for the 300th key of a day as for the 20th, where all ask for the same', async () => {
  const ledger = await open(nextBudget())
  const payFor = async (job: number) => {
    const call = { purchase: `job ${job}`, coarse: 'the same', isKeyed: true, purchaseForSeconds: 86_400 }
    const reserved = await ledger.reserve(createDraft({ call }), [createCap(999)])
    if (isRefusal(reserved)) throw new Error(`It was refused by ${reserved.by}.`)
    await ledger.note(reserved.id, sent)
    await ledger.note(reserved.id, delivered)
  }
  for (let job = 0; job < 20; job++) await payFor(job)
  const few = await countLooks(() => payFor(20))
  for (let job = 21; job < 300; job++) await payFor(job)
  expect(await countLooks(() => payFor(300))).toBeLessThanOrEqual(few + 4)
  await expect(payFor(7)).rejects.toThrow('refused by open')
  await ledger.close()
})

it('reserve: looks at no payments of other buyers that were lost, once they have long been dead', async () => {
  let nowSeconds = 1_700_000_000
  const ledger = await open(nextBudget(), {
    clock: { nowSeconds: () => nowSeconds, monotonicMs: systemClock.monotonicMs },
  })
  const loseFor = async (buyer: number) => {
    const draft = createDraft({ call: { purchase: `of ${buyer}`, coarse: 'the same' }, by: { nowSeconds } })
    const reserved = await ledger.reserve(draft, [createCap(999)])
    if (isRefusal(reserved)) throw new Error(`It was refused by ${reserved.by}.`)
    await ledger.note(reserved.id, createSent({ validUntilSeconds: nowSeconds + 60 }))
    await ledger.note(reserved.id, lost)
    nowSeconds += 7200
  }
  for (let buyer = 0; buyer < 60; buyer++) await loseFor(buyer)
  const few = await countLooks(() => loseFor(60))
  for (let buyer = 61; buyer < 120; buyer++) await loseFor(buyer)
  expect(await countLooks(() => loseFor(120))).toBeLessThanOrEqual(few + 4)
  const claim = await ledger.claim(createClaimant({ purchase: 'of 3', coarse: 'the same', nowSeconds: 1_700_000_000 }))
  expect(claim).toMatchObject({ is: 'yours' })
  await ledger.close()
})

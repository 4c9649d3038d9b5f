import type { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { createRedisLedger, type RedisLedger } from '../../../src/ledger/redis/index.js'
import { type Cap, isRefusal } from '../../../src/payment/ledger.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft, named } from '../../../src/testing/ledger/draft.js'
import { createSent, delivered, lost } from '../../../src/testing/ledger/events.js'
import { useRedis } from '../../support/engines/use-redis.js'

let redis: Redis
let budgets = 0
useRedis({ appendonly: 'no' }, (used) => {
  redis = used.redis
})

const open = () =>
  createRedisLedger({
    send: ([name = '', ...args]) => redis.call(name, ...args),
    budget: `budget-${++budgets}`,
    durable: 'best-effort',
  })

const DAY = 86_400
const usual = [
  createCap(1e9, { windowSeconds: DAY }),
  createCap(1e9),
  createCap(1e9, { scope: { host: 'api.example.com' }, windowSeconds: DAY }),
]

/** As long as real ones are: a digest, a nonce, a transaction. */
const hex = (number: number) => `0x${number.toString(16).padStart(64, 'a')}`

/** Pays a dollar, under a tag of its customer. */
async function pay(
  ledger: RedisLedger,
  number: number,
  caps: readonly Cap[],
  tags: readonly string[] = [],
): Promise<void> {
  const purchase = hex(number).slice(2)
  const resource = `https://api.example.com/v1/weather?city=${number}`
  const reserved = await ledger.reserve(createDraft({ call: { ...named(purchase), resource, tags } }), caps)
  if (isRefusal(reserved)) throw new Error(`It was refused by ${reserved.by}.`)
  await ledger.note(reserved.id, createSent({ nonce: hex(number + 1), validUntilSeconds: 1_796_000_000 }))
  await ledger.note(reserved.id, { ...delivered, isSettled: true, transaction: hex(number + 2) })
}

async function readNumber(section: string, name: string): Promise<number> {
  return Number(new RegExp(`${name}[:=](\\d+)`).exec(await redis.info(section))?.[1])
}

/** All that is written under a budget, as text. */
async function countCharacters(budget: string): Promise<number> {
  let characters = 0
  for (const key of await redis.keys(`pay402:{${budget}}:*`)) {
    const isHash = (await redis.type(key)) === 'hash'
    const texts = isHash ? Object.entries(await redis.hgetall(key)).flat() : await redis.zrange(key, 0, '-1')
    characters += texts.join('').length
  }
  return characters
}

it('createRedisLedger: writes a payment that is over once, without what was signed, and its deal not again', async () => {
  const ledger = await open()
  for (let number = 0; number < 100; number++) await pay(ledger, number, usual)
  const before = await countCharacters(`budget-${budgets}`)
  for (let number = 100; number < 600; number++) await pay(ledger, number, usual)
  // Its id twice, a digest, a nonce, a transaction, and an address; Redis adds about 130 bytes.
  expect(((await countCharacters(`budget-${budgets}`)) - before) / 500).toBeLessThan(450)
  await ledger.close()
})

/** How many looks into hashes a payment takes: what a script does, whatever else the machine does. */
async function countLooks(step: () => Promise<void>): Promise<number> {
  await redis.config('RESETSTAT')
  await step()
  return await readNumber('commandstats', 'cmdstat_hget:calls')
}

it('reserve: looks at as much among 2,000 payments as among 50, also for a customer that was never seen', async () => {
  const ledger = await open()
  const customer = (number: number) => [`customer:${number}`]
  const caps = (number: number): Cap[] => [
    ...usual,
    createCap(9, { scope: { tag: `customer:${number}` }, windowSeconds: undefined, monthIn: 'UTC' }),
  ]
  const payFor = (number: number, who = number) => pay(ledger, number, caps(who), customer(who))
  for (let number = 0; number < 50; number++) await payFor(number)
  const few = await countLooks(() => payFor(50))
  const again = await countLooks(() => payFor(51, 1))
  for (let number = 52; number < 2000; number++) await payFor(number)
  expect(await countLooks(() => payFor(2000))).toBeLessThanOrEqual(few + 4)
  expect(await countLooks(() => payFor(2001, 2))).toBeLessThanOrEqual(again + 4)
  await ledger.close()
})

it('createRedisLedger: builds a cap that was never asked for in steps of at most 200 payments', async () => {
  const ledger = await open()
  for (let number = 0; number < 700; number += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, more) => pay(ledger, number + more, [])))
  }
  await redis.config('RESETSTAT')
  expect((await ledger.spent(createCap(1, { scope: { payTo: createDraft().terms.payTo } }))).count).toBe(700)
  // One step makes the list of the recipient's payments, three more take the rest of it, and as many add them up.
  expect(await readNumber('commandstats', 'cmdstat_evalsha:calls')).toBeGreaterThanOrEqual(7)
  // Once it's there it takes a few looks.
  const looks = await countLooks(async () => {
    expect((await ledger.spent(createCap(1, { scope: { payTo: createDraft().terms.payTo } }))).count).toBe(700)
  })
  expect(looks).toBeLessThan(10)
  await ledger.close()
})

/** Writes but for those that say that a process lives. */
async function countWrites(): Promise<number> {
  const beats = await readNumber('commandstats', 'cmdstat_zadd:calls')
  return (await readNumber('persistence', 'rdb_changes_since_last_save')) - beats
}

it('createRedisLedger: writes nothing to read', async () => {
  const ledger = await open()
  for (let number = 0; number < 20; number++) await pay(ledger, number, usual)
  const reserved = await ledger.reserve(createDraft({ call: named('lost') }), usual)
  if (isRefusal(reserved)) throw new Error('It was refused.')
  await ledger.note(reserved.id, createSent())
  await ledger.note(reserved.id, lost)
  const before = await countWrites()
  for (const cap of usual) await ledger.spent(cap)
  for await (const payment of ledger.list({})) expect(payment.call.host).toBe('api.example.com')
  for await (const payment of ledger.list({ unresolved: true })) expect(payment.id).toBe(reserved.id)
  expect(await ledger.claim(createClaimant(named('never')))).toMatchObject({ is: 'nothing' })
  expect(await ledger.reserve(createDraft(), [createCap(1)])).toMatchObject({ by: 'cap' })
  expect(await ledger.get('kind', 'key')).toBeUndefined()
  expect(await countWrites()).toBe(before)
  await ledger.close()
})

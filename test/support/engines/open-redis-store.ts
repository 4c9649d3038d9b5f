import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Ask, CapRequest, ReserveRequest, RowContent, Store } from '../../../src/ledger/engine/store.js'
import { createFence } from '../../../src/ledger/redis/fence.js'
import { createScript, type Script } from '../../../src/ledger/redis/script.js'
import { createRedisStore } from '../../../src/ledger/redis/store.js'
import { systemClock } from '../../../src/payment/clock.js'
import type { RedisServer } from './start-redis.js'

/** The store of a Redis ledger without the ledger: what the engine does, step by step. */
export type RedisStore = {
  readonly store: Store
  readonly script: Script
  readonly redis: Redis
  readonly budget: string
  readonly ask: Ask
  close(): void
}

/** Opens a store on a budget that nothing was ever paid from. */
export async function openRedisStore(server: RedisServer): Promise<RedisStore> {
  const redis = new Redis({ port: server.port, host: '127.0.0.1' })
  const budget = randomBytes(6).toString('hex')
  const script = await createScript(([name = '', ...args]) => redis.call(name, ...args), budget)
  const fence = createFence(
    script,
    async () => undefined,
    systemClock,
    () => undefined,
  )
  const store = createRedisStore(script, fence, async () => undefined)
  const ask = { owner: toMark(1, 32), leaseMs: 15_000, deadlineMs: undefined, nowSeconds: undefined }
  await store.beat(ask)
  return { store, script, redis, budget, ask, close: () => redis.disconnect() }
}

/** A mark that stands for a number. */
export function toMark(number: number, digits = 16): string {
  return number.toString(16).padStart(digits, '0')
}

/** What differs between two rows of a test. */
export type Facts = {
  readonly number: number
  readonly host: number
  readonly payTo: number
  readonly tags: readonly number[]
  readonly resource: number
  readonly amounts: readonly string[]
}

/** The units that rows of a test are in. */
export const UNITS = [toMark(1), toMark(2)]

/** Writes the row of a payment. */
export function toRow(
  { number, host, payTo, tags, resource, amounts }: Facts,
  more: Partial<RowContent> = {},
): RowContent {
  const names = { host: toMark(host), payTo: toMark(payTo), tags: tags.map((tag) => toMark(tag)) }
  const key = toMark(host * 4096 + payTo * 256 + tags.reduce((sum, tag) => sum + 2 ** tag, 0), 32)
  return {
    id: toMark(number, 32),
    deal: { key, text: '["a deal"]', units: UNITS, ...names },
    resource: toMark(resource),
    amounts,
    counts: 'held',
    text: '["a payment"]',
    openUnder: [],
    isUnresolved: false,
    pin: { key: toMark(host), payTo: `0x${payTo}`, is: 'no' },
    owner: '',
    ...more,
  }
}

/** Asks for a row, when nothing was ever decided and no clock was wrong. */
export function toRequest(row: RowContent, caps: readonly CapRequest[] = []): ReserveRequest {
  return { row, names: row.openUnder, seen: { ruling: '0:0', open: '', pin: undefined, time: undefined }, caps }
}

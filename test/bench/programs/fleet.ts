import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { createMemoryLedger, type Ledger } from 'pay402/ledger'
import { createPostgresLedger, toMigration } from 'pay402/ledger/postgres'
import { createRedisLedger } from 'pay402/ledger/redis'
import pg from 'pg'
import { startPostgres } from '../../support/engines/start-postgres.js'
import { startRedis } from '../../support/engines/start-redis.js'
import {
  type Figure,
  interleave,
  isQuick,
  measureTime,
  repeat,
  repeatAtOnce,
  tellFigures,
  toMedian,
  toQuantile,
} from '../figures.js'
import { createPayer } from './fleet-payer.js'

/** What a paid call costs more over a database than over memory, and what it costs the engine. */
const TURNS = isQuick() ? 10 : 40
const CALLS = 20
const WARMING = 200
const WEIGHED = isQuick() ? 4_000 : 20_000
const AT_ONCE = 16

/** What each engine may take beyond its waits for the disk, and how many of those a paid call has. */
const ALLOWED = { redis: { us: 2000, fsyncs: 3 }, postgres: { us: 4000, fsyncs: 1 } } as const

const redisServer = await startRedis()
const postgresServer = await startPostgres()
const redis = new Redis({ port: redisServer.port, host: '127.0.0.1' })
const pool = new pg.Pool({ connectionString: postgresServer.url })
try {
  await pool.query(toMigration())
  const ledgers = {
    redis: await createRedisLedger({ send: ([name = '', ...args]) => redis.call(name, ...args), budget: 'bench' }),
    postgres: await createPostgresLedger({ query: pool }),
  }
  tellFigures({ ...(await measureCalls(ledgers)), ...(await weigh(ledgers.redis)) })
  for (const ledger of Object.values(ledgers)) await ledger.close()
} finally {
  redis.disconnect()
  await pool.end()
  await redisServer.stop()
  await postgresServer.stop()
}

async function measureCalls(ledgers: Readonly<Record<keyof typeof ALLOWED, Ledger>>) {
  const time = (ledger: Ledger) => {
    const pay = createPayer(ledger)
    return {
      warm: () => repeat(WARMING, pay),
      measure: async () => (await measureTime(() => repeat(CALLS, pay))) / CALLS,
    }
  }
  const cases = { memory: time(createMemoryLedger()), redis: time(ledgers.redis), postgres: time(ledgers.postgres) }
  for (const { warm } of Object.values(cases)) await warm()
  const path = join(redisServer.folder, 'disk')
  const disk = await open(path, 'a')
  const line = Buffer.alloc(500, 'a')
  const sync = async () => {
    await disk.write(line)
    await disk.datasync()
  }
  const times = await interleave(
    {
      memory: cases.memory.measure,
      redis: cases.redis.measure,
      postgres: cases.postgres.measure,
      disk: async () => (await measureTime(() => repeat(CALLS, sync))) / CALLS,
    },
    TURNS,
  )
  await disk.close()
  await rm(path)
  const ms = (figures: readonly number[]) => (toMedian(figures) / 1000).toFixed(1)
  const figure = (name: keyof typeof ALLOWED): Figure => {
    const { us, fsyncs } = ALLOWED[name]
    const parts = times[name].map((whole, turn) => {
      const added = whole - (times.memory[turn] ?? Number.NaN)
      return added / (us + fsyncs * (times.disk[turn] ?? Number.NaN))
    })
    return {
      now: toMedian(parts),
      quartiles: [toQuantile(parts, 0.25), toQuantile(parts, 0.75)],
      note: `${ms(times[name])} ms a call, over memory ${ms(times.memory)}; an fsync ${ms(times.disk)}`,
    }
  }
  return { 'fleet-redis-call': figure('redis'), 'fleet-postgres-call': figure('postgres') }
}

/** What payments that are over cost Redis: its processor time while they are made, and its memory afterwards. */
async function weigh(ledger: Ledger) {
  const pay = createPayer(ledger)
  const before = await readEngine()
  await repeatAtOnce(WEIGHED, AT_ONCE, pay)
  const after = await readEngine()
  return {
    'fleet-redis-cpu': { now: (after.cpuUs - before.cpuUs) / WEIGHED, note: `${AT_ONCE} at once` },
    'fleet-redis-bytes': {
      now: (after.bytes - before.bytes) / WEIGHED,
      note: `of ${WEIGHED} payments, all keys counted`,
    },
  }
}

async function readEngine(): Promise<{ readonly cpuUs: number; readonly bytes: number }> {
  const [cpu, memory] = [await redis.info('cpu'), await redis.info('memory')]
  const seconds = readNumber(cpu, 'used_cpu_user') + readNumber(cpu, 'used_cpu_sys')
  return { cpuUs: seconds * 1_000_000, bytes: readNumber(memory, 'used_memory') }
}

function readNumber(info: string, name: string): number {
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1])
}

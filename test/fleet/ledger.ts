import { Redis } from 'ioredis'
import { createMemoryLedger, type Ledger } from 'pay402/ledger'
import { createFileLedger } from 'pay402/ledger/file'
import { createPostgresLedger } from 'pay402/ledger/postgres'
import { createRedisLedger } from 'pay402/ledger/redis'
import pg from 'pg'
import type { Durability, LedgerPlan } from './plan.js'

/** A ledger as a service opens it. */
export type OpenLedger = {
  readonly ledger: Ledger
  /** The engine is at another port from now on. */
  use(port: number): void
}

/** Opens the ledger of a worker. */
export async function openLedger(plan: LedgerPlan): Promise<OpenLedger> {
  if (plan.in === 'memory') return { ledger: createMemoryLedger({ keep: Number.POSITIVE_INFINITY }), use: stay }
  if (plan.in === 'file') return { ledger: await createFileLedger(plan.path), use: stay }
  if (plan.in === 'postgres') return { ledger: await openPostgres(plan.url), use: stay }
  return openRedis(plan.port, plan.durable)
}

async function openRedis(firstPort: number, durable: Durability): Promise<OpenLedger> {
  let redis = connect(firstPort)
  const send = ([name = '', ...args]: readonly string[]) => redis.call(name, ...args)
  const ledger = await createRedisLedger({ send, budget: 'fleet', durable }).catch((error: unknown) => {
    redis.disconnect()
    throw error
  })
  return {
    ledger,
    use(port) {
      redis.disconnect()
      redis = connect(port)
    },
  }
}

function connect(port: number): Redis {
  const redis = new Redis({ port, host: '127.0.0.1', autoResendUnfulfilledCommands: false })
  redis.on('error', ignore) // the ledger says what comes of it
  return redis
}

async function openPostgres(url: string): Promise<Ledger> {
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', ignore)
  return await createPostgresLedger({ query: pool })
}

function ignore(): void {
  // Services log it.
}

function stay(): void {
  throw new Error('this engine is at one place')
}

import type { Ledger } from 'pay402/ledger'
import { JOB_SECONDS } from './buy-report.js'
import { createFileResults, createPostgresResults, createRedisResults, type Results } from './results.js'

/** A ledger, what was bought for jobs, and what ends the connection under them. */
export type OpenLedger = {
  readonly ledger: Ledger
  /** In the same place. */
  readonly results: Results
  /** Once the ledger is closed, which `client.drain` does. */
  disconnect(): Promise<void>
}

/**
 * Opens the ledger that all instances share: where it is decides how far the budget reaches.
 *
 * @param where - `redis://…` or `postgres://…` for any number of machines, or the path of a file for the processes of one.
 * @param isAlone - Whether something else makes sure that no other container has the file, as a StatefulSet with one replica does. Then the lock of one
 *   that was killed is taken over, which otherwise can't be told from one that lives.
 */
export async function openLedger(where: string, { isAlone = false } = {}): Promise<OpenLedger> {
  if (/^rediss?:/.test(where)) return openRedis(where)
  if (/^postgres(ql)?:/.test(where)) return openPostgres(where)
  const { createFileLedger } = await import('pay402/ledger/file')
  const unseenHolder = isAlone ? 'take-over' : 'refuse'
  const ledger = await createFileLedger(where, { onWarning: warn, unseenHolder })
  return { ledger, results: createFileResults(`${where}.results`), disconnect: async () => undefined }
}

async function openRedis(url: string): Promise<OpenLedger> {
  const [{ Redis }, { createRedisLedger }] = await Promise.all([import('ioredis'), import('pay402/ledger/redis')])
  // The ledger repeats what got no reply, and knows what may be repeated.
  const redis = new Redis(url, { autoResendUnfulfilledCommands: false })
  redis.on('error', ({ message }) => warn({ code: 'redis', message }))
  const ledger = await createRedisLedger({
    send: ([name = '', ...args]) => redis.call(name, ...args),
    budget: 'reports',
    onWarning: warn,
  })
  const results = createRedisResults(redis, JOB_SECONDS)
  return { ledger, results, disconnect: async () => redis.disconnect() }
}

async function openPostgres(url: string): Promise<OpenLedger> {
  const [{ default: pg }, { createPostgresLedger }] = await Promise.all([
    import('pg'),
    import('pay402/ledger/postgres'),
  ])
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', ({ message }) => warn({ code: 'postgres', message }))
  const ledger = await createPostgresLedger({ query: pool, onWarning: warn })
  return { ledger, results: await createPostgresResults(pool), disconnect: () => pool.end() }
}

function warn({ code, message }: { readonly code: string; readonly message: string }): void {
  console.warn(JSON.stringify({ warning: code, message }))
}

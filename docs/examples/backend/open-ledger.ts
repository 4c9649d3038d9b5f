import type { Ledger } from 'pay402/ledger'

/** A ledger that is closed when its service ends. */
export type OpenLedger = Ledger & { close?(): Promise<void> }

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
  return createFileLedger(where, { onWarning: warn, unseenHolder: isAlone ? 'take-over' : 'refuse' })
}

async function openRedis(url: string): Promise<OpenLedger> {
  const [{ Redis }, { createRedisLedger }] = await Promise.all([import('ioredis'), import('pay402/ledger/redis')])
  // The ledger repeats what got no reply, and knows what may be repeated.
  const redis = new Redis(url, { autoResendUnfulfilledCommands: false })
  redis.on('error', ({ message }) => warn({ code: 'redis', message }))
  return createRedisLedger({
    send: ([name = '', ...args]) => redis.call(name, ...args),
    budget: 'reports',
    onWarning: warn,
  })
}

async function openPostgres(url: string): Promise<OpenLedger> {
  const [{ default: pg }, { createPostgresLedger }] = await Promise.all([
    import('pg'),
    import('pay402/ledger/postgres'),
  ])
  const pool = new pg.Pool({ connectionString: url })
  pool.on('error', ({ message }) => warn({ code: 'postgres', message }))
  return createPostgresLedger({ query: pool, onWarning: warn })
}

function warn({ code, message }: { readonly code: string; readonly message: string }): void {
  console.warn(JSON.stringify({ warning: code, message }))
}

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { startPostgres } from '../../../../test/support/engines/start-postgres.js'
import { startRedis } from '../../../../test/support/engines/start-redis.js'

/** Where the instances keep their payments. */
export type Engine = {
  readonly name: EngineName
  /** What a person reads of it. */
  readonly about: string
  /** As `LEDGER` says it. */
  readonly address: string
  stop(): Promise<void>
}

export type EngineName = 'redis' | 'postgres' | 'file'

/** Where Debian puts Postgres; its programs aren't on the path. */
const POSTGRES = '/usr/lib/postgresql'

/** Starts the ledger that was asked for, or else the first that this machine has: Redis, Postgres, a file. */
export async function startEngine(asked: string | undefined): Promise<Engine> {
  const [first = 'file'] = (['redis', 'postgres', 'file'] as const).filter((name) => INSTALLED[name]())
  const name = asked ?? first
  if (!isEngine(name)) throw new Error(`${name} is none of redis, postgres and file`)
  if (!INSTALLED[name]()) throw new Error(`${name} isn't installed on this machine`)
  return STARTS[name]()
}

const INSTALLED: Readonly<Record<EngineName, () => boolean>> = {
  redis: () => isOnPath('redis-server'),
  postgres: () => existsSync(POSTGRES) || (isOnPath('postgres') && isOnPath('initdb')),
  file: () => true,
}

const STARTS: Readonly<Record<EngineName, () => Promise<Engine>>> = {
  async redis() {
    const { port, stop } = await startRedis()
    const address = `redis://127.0.0.1:${port}`
    return { name: 'redis', about: `Redis at ${address}, with appendfsync always`, address, stop }
  },
  async postgres() {
    const { url, stop } = await startPostgres()
    await migrate(url)
    return { name: 'postgres', about: `Postgres at ${url}, with the migration of pay402`, address: url, stop }
  },
  async file() {
    const folder = await mkdtemp(join(tmpdir(), 'pay402-demo-'))
    const address = join(folder, 'payments.ledger')
    const why = INSTALLED.redis() || INSTALLED.postgres() ? '' : ': neither Redis nor Postgres is installed here'
    const stop = () => rm(folder, { recursive: true, force: true })
    return { name: 'file', about: `the file ${address}, for the processes of one machine${why}`, address, stop }
  },
}

/** What `npx pay402 ledger postgres --migration | psql` does. */
async function migrate(url: string): Promise<void> {
  const [{ default: pg }, { toMigration }] = await Promise.all([import('pg'), import('pay402/ledger/postgres')])
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(toMigration())
  await client.end()
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}

function isEngine(name: string): name is EngineName {
  return Object.hasOwn(STARTS, name)
}

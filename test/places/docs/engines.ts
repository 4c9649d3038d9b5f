import { toMigration } from 'pay402/ledger/postgres'
import pg from 'pg'
import { startPostgres } from '../../support/engines/start-postgres.js'
import { startRedis } from '../../support/engines/start-redis.js'

type Engine = { readonly url: string; stop(): Promise<void> }

/** By the variable that leads to each; started when the first example asks for it, since most ask for none. */
const STARTS = { REDIS_URL: openRedis, DATABASE_URL: openPostgres } as const
const started = new Map<string, Promise<Engine>>()

/**
 * Starts the databases that an example asks for.
 *
 * @param source - The example; it reads their addresses from its environment.
 * @returns The variables of the environment that lead to them.
 */
export async function openEngines(source: string): Promise<Record<string, string>> {
  const named = Object.entries(STARTS).filter(([name]) => source.includes(name))
  const urls = named.map(async ([name, open]) => {
    const engine = started.get(name) ?? open()
    started.set(name, engine)
    return [name, (await engine).url] as const
  })
  return Object.fromEntries(await Promise.all(urls))
}

/** Ends those that were started. */
export async function stopEngines(): Promise<void> {
  for (const engine of started.values()) await (await engine).stop()
  started.clear()
}

async function openRedis(): Promise<Engine> {
  const { port, stop } = await startRedis()
  return { url: `redis://127.0.0.1:${port}`, stop }
}

async function openPostgres(): Promise<Engine> {
  const server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(toMigration())
  await client.end()
  return server
}

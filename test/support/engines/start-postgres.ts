import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { type EngineProcess, findFreePort, startEngine } from './engine-process.js'

/** A Postgres of its own, with a database `postgres` that its user `postgres` may do anything in. */
export type PostgresServer = EngineProcess & {
  /** As clients take it. */
  readonly url: string
  readonly folder: string
  /** Where its programs are, such as `pg_receivewal`. */
  readonly programs: string
  /** Ends it and deletes its folder. */
  stop(): Promise<void>
}

/** Where Debian puts each version. */
const VERSIONS = '/usr/lib/postgresql'

const run = promisify(execFile)

/**
 * Starts Postgres on a free port.
 *
 * @param settings - As in `postgresql.conf`, in place of its defaults.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'pay402-postgres-'))
  const user = await findUser()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  const programs = await findPrograms()
  const data = join(folder, 'data')
  await run(join(programs, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], user)
  const port = await findFreePort()
  const given = { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: folder, ...settings }
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const engine = await startEngine({
    port,
    program: join(programs, 'postgres'),
    args: ['-D', data, ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    user,
    isReady: () => isAnswering(url),
  })
  return {
    ...engine,
    url,
    folder,
    programs,
    async stop() {
      await engine.kill('SIGQUIT')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The newest of Debian's versions, or whatever is on the path. */
async function findPrograms(): Promise<string> {
  const versions = existsSync(VERSIONS) ? await readdir(VERSIONS) : []
  const [newest] = versions.map(Number).sort((one, other) => other - one)
  return newest === undefined ? '' : join(VERSIONS, String(newest), 'bin')
}

/** Postgres refuses to run as root: there it runs as the user that its package made. */
async function findUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const read = async (option: string) => Number((await run('id', [option, 'postgres'])).stdout)
  return { uid: await read('-u'), gid: await read('-g') }
}

async function isAnswering(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}

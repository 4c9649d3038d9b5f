import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { toMigration } from 'pay402/ledger/postgres'
import pg from 'pg'
import { type PostgresServer, startPostgres } from '../support/engines/start-postgres.js'
import { cannot, type Engine } from './engine.js'

/** Starts Postgres with its own settings, which are durable, and migrates it. */
export async function startPostgresEngine(): Promise<Engine> {
  const server = await startPostgres()
  await migrate(server.url)
  return {
    ledger: { in: 'postgres', url: server.url },
    async restart() {
      await server.kill('SIGINT') // a fast shutdown
      await server.start()
    },
    async kill() {
      await signalAll(server, 'SIGKILL')
      await server.kill('SIGKILL')
      await server.start()
    },
    pause: () => signalAll(server, 'SIGSTOP'),
    goOn: () => signalAll(server, 'SIGCONT'),
    losePower: cannot,
    start: () => server.start(),
    flush: cannot,
    copy: cannot,
    putCopyBack: cannot,
    promote: cannot,
    demote: cannot,
    stop: () => server.stop(),
  }
}

/** As an operator does, before any service starts. */
async function migrate(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(toMigration())
  await client.end()
}

/** Its processes are many: the first one, whose id it writes down, and one for each connection. */
async function signalAll({ folder }: PostgresServer, signal: NodeJS.Signals): Promise<void> {
  const [first = ''] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')
  const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8')
  for (const pid of [...children.trim().split(' '), first]) sendSignal(Number(pid), signal)
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    // A connection's process ends with its connection.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

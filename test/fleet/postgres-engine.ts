import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PostgresServer, startPostgres } from '../support/engines/start-postgres.js'
import { cannot, type Engine } from './engine.js'

/** Starts Postgres with its own settings, which are durable, and migrates it. */
export async function startPostgresEngine(): Promise<Engine> {
  const server = await startPostgres()
  return {
    ledger: { in: 'postgres', url: server.url },
    async restart() {
      await server.kill('SIGINT') // a fast shutdown
      await server.start()
    },
    async kill() {
      await server.kill('SIGQUIT') // an immediate one, after which it recovers from its log as after a crash
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

/** Its processes are many: the first one, whose id it writes down, and one for each connection. */
async function signalAll({ folder }: PostgresServer, signal: NodeJS.Signals): Promise<void> {
  const [first = ''] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')
  const children = await readFile(`/proc/${first}/task/${first}/children`, 'utf8')
  for (const pid of [first, ...children.trim().split(' ')]) process.kill(Number(pid), signal)
}

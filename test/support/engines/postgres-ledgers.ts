import pg from 'pg'
import postgres from 'postgres'
import { createPostgresLedger, type PostgresLedger, toMigration } from '../../../src/ledger/postgres/index.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { loseNextReply } from '../contracts/lost-reply.js'
import { startPostgres } from './start-postgres.js'

/** How one statement is asked, by one of the clients that people use. */
type Ask = (text: string, values: string[]) => Promise<{ readonly rows: readonly unknown[] }>

/** A way between a ledger and Postgres, which may break. */
type Line = { readonly ask: Ask; readonly clock: Clock | undefined; isDead: boolean; owner: string }

/** What the contract opens, breaks and closes, on one Postgres. */
export type PostgresLedgers = Required<
  Pick<ledgerContract.Options<PostgresLedger>, 'openAgain' | 'crash' | 'disturb' | 'close'>
> & {
  open(ports: ledgerContract.Ports): Promise<PostgresLedger>
  stop(): Promise<void>
}

const TABLES = ['payments', 'deals', 'openings', 'pins', 'sums', 'register', 'owners']

/** Starts a Postgres with a schema, and opens ledgers on it through one client. It waits for no disk: what it holds needn't outlast it. */
export async function startPostgresLedgers(client: 'pg' | 'postgres'): Promise<PostgresLedgers> {
  const server = await startPostgres({ fsync: 'off' })
  const pool = new pg.Pool({ connectionString: server.url, max: 8 })
  pool.on('error', () => undefined)
  const sql = postgres(server.url, { max: 8, onnotice: () => undefined })
  await pool.query(toMigration())
  const ask: Ask =
    client === 'pg'
      ? (text, values) => pool.query(text, values)
      : async (text, values) => ({ rows: await sql.unsafe(text, values) })
  const lines = new Map<PostgresLedger, Line>()

  async function openOn(ports: Pick<createPostgresLedger.Options, 'clock' | 'random'>): Promise<PostgresLedger> {
    const line: Line = { ask, clock: ports.clock, isDead: false, owner: '' }
    const ledger = await createPostgresLedger({
      query: (...given) => goOver(line, ...given),
      assume: 'fsync',
      ...ports,
    })
    lines.set(ledger, line)
    return ledger
  }

  const lineOf = (ledger: PostgresLedger): Line => {
    const line = lines.get(ledger)
    if (line === undefined) throw new Error('This ledger was opened elsewhere.')
    return line
  }

  return {
    async open(ports) {
      await pool.query(TABLES.map((table) => `delete from pay402.${table}`).join(';'))
      await pool.query('update pay402.head set rows = 0, newest_seconds = 0')
      return openOn(ports)
    },
    openAgain: (_, ports) => openOn(ports),
    async crash(ledger, ports) {
      const line = lineOf(ledger)
      line.isDead = true
      await pool.query('update pay402.owners set until_ms = 0 where owner = $1', [line.owner])
      return openOn(ports)
    },
    disturb(ledger) {
      const disturbed = loseNextReply(ledger)
      lines.set(disturbed, lineOf(ledger))
      return disturbed
    },
    close: (ledger) => ledger.close(),
    async stop() {
      await pool.end()
      await sql.end()
      await server.stop()
    },
  }
}

/** Goes over a line. */
async function goOver(line: Line, text: string, values: string[]) {
  const [request = ''] = values
  line.owner = /"owner":"([0-9a-f]{32})","leaseMs"/.exec(request)?.[1] ?? line.owner
  if (line.isDead) throw new Error('Connection terminated unexpectedly')
  return line.ask(text, values)
}

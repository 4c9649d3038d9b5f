import { isX402Error } from '../../index.js'
import { toMigration } from '../../ledger/postgres/index.js'
import { EXIT, type Terminal } from '../terminal.js'

/**
 * `pay402 ledger postgres --migration`: prints the SQL that a ledger in Postgres needs, and nothing else, so that it can be piped into `psql`.
 *
 * @param schema - As `--schema` says; that of the ledger itself, where it isn't given.
 * @param terminal - Its output carries the SQL.
 * @returns The exit code.
 */
export async function runLedger(schema: string | undefined, { stdout, stderr }: Terminal): Promise<number> {
  try {
    stdout.write(toMigration(schema === undefined ? {} : { schema }))
    return EXIT.done
  } catch (error) {
    if (!isX402Error(error)) throw error
    stderr.write(`pay402: ${error.shortMessage}\n`)
    return EXIT.usage
  }
}

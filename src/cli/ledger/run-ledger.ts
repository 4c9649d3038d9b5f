import { isX402Error } from '../../index.js'
import { toMigration } from '../../ledger/postgres/index.js'
import { EXIT, type Terminal } from '../terminal.js'

/**
 * `pay402 ledger postgres --migration`: prints the SQL that a ledger in Postgres needs, and nothing else, so that it can be piped into `psql`.
 *
 * @param schema - As `--schema` says; that of the ledger itself, where it isn't given.
 * @param terminal - Its output carries the SQL.
 * @returns The exit code, once all of it is written: what reads it must never run half of it.
 */
export async function runLedger(schema: string | undefined, { stdout, stderr }: Terminal): Promise<number> {
  const read = readMigration(schema)
  if ('problem' in read) {
    stderr.write(`pay402: ${read.problem}\n`)
    return EXIT.usage
  }
  return new Promise((resolve) => {
    // What read it is gone, such as `head`.
    stdout.once('error', () => resolve(EXIT.failed))
    stdout.write(read.sql, (error) => resolve(error ? EXIT.failed : EXIT.done))
  })
}

function readMigration(schema: string | undefined): { readonly sql: string } | { readonly problem: string } {
  try {
    return { sql: toMigration(schema === undefined ? {} : { schema }) }
  } catch (error) {
    if (!isX402Error(error)) throw error
    return { problem: error.shortMessage }
  }
}

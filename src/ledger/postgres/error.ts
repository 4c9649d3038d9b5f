import { LedgerError } from '../error.js'

/**
 * The error of a Postgres that no migration of this version was run in.
 *
 * @param schema - Quoted.
 * @param because - The end of "The ledger's schema … isn't there for this version of pay402: …".
 */
export function createNotMigrated(schema: string, because: string): LedgerError {
  return new LedgerError(`The ledger's schema ${schema} can't be used: ${because}.`, {
    code: 'LEDGER_NOT_MIGRATED',
    money: 'untouched',
    facts: { schema },
    hint: `Run what \`npx pay402 ledger postgres --migration --schema ${schema.slice(1, -1)}\` prints, and grant its steps to the role of this program.`,
  })
}

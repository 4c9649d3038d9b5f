import { invalidOption } from '../../errors/options.js'
import { LedgerError } from '../error.js'

/** The schema of a ledger whose caller names none. */
const DEFAULT_SCHEMA = 'pay402'

/** Longest name that Postgres keeps whole, in bytes. Source: PostgreSQL documentation, "Identifiers and Key Words", `NAMEDATALEN`. */
const MAX_BYTES = 63

/**
 * Quotes the name of a schema, so that SQL reads it as a name and as nothing else.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` for what can't be one.
 */
export function quoteSchema(schema: unknown = DEFAULT_SCHEMA): string {
  // No dollar sign: it would end what the migration quotes by two of them.
  const isName = typeof schema === 'string' && /^[A-Za-z_][A-Za-z0-9_-]*$/.test(schema) && schema.length <= MAX_BYTES
  if (!isName) throw invalidOption('schema', 'a name of letters, digits, _ and -, up to 63, that begins with a letter')
  return `"${schema}"`
}

/**
 * The error of a Postgres in which the migration of this version wasn't run, or whose steps this program may not use.
 *
 * @param schema - Quoted.
 * @param because - The end of "The ledger's schema … can't be used: …".
 * @param isThere - Whether only rights are missing: running the migration twice is an error.
 */
export function createNotMigrated(schema: string, because: string, isThere = false): LedgerError {
  const command = `\`npx pay402 ledger postgres --migration --schema ${schema.slice(1, -1)}\``
  return new LedgerError(`The ledger's schema ${schema} can't be used: ${because}.`, {
    code: 'LEDGER_NOT_MIGRATED',
    money: 'untouched',
    facts: { schema },
    hint: isThere
      ? `Grant the role of this program what the output of ${command} ends with.`
      : `Run what ${command} prints, and grant what its end lists to the role of this program.`,
  })
}

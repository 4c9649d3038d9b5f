import { assertOptions } from '../../errors/options.js'
import { quoteSchema } from './schema.js'
import { PARTS } from './sql/parts.js'
import { READS } from './sql/reads.js'
import { STEPS } from './sql/steps.js'
import { SUMS } from './sql/sums.js'
import { TABLES } from './sql/tables.js'
import { TIME } from './sql/time.js'

/** Goes up with each migration. */
export const MIGRATION_VERSION = 1

/** The steps: all that the role of a program may do. */
const STEP_NAMES = ['reserve', 'write', 'open', 'sum', 'rows', 'deals', 'get', 'put', 'beat', 'bury']

/** What each step is run with. */
const STEP = 'security definer set search_path = pg_catalog, pg_temp set jit = off'

/**
 * What those of each payment are run with, too. Their plans are made once: Postgres would plan again at each call what it takes for cheaper
 * with the values at hand, such as a list of one name. And a plan that was made while a table was small must do when it's large.
 */
const QUICK = 'set plan_cache_mode = force_generic_plan set enable_seqscan = off'

/**
 * Writes the migration that a Postgres needs before a ledger can be in it: a schema of its own, with tables and functions. `npx pay402 ledger postgres
 * --migration` prints the same. Run it once, as the role that may create schemas; a ledger never changes a database.
 *
 * The functions do what their owner may, so the role of your program only needs the right to call them; the text ends with what to grant.
 *
 * @example
 * ```ts
 * toMigration({ schema: 'research' }).includes('create schema "research"') //=> true
 * ```
 *
 * @param options - Where it goes.
 * @returns SQL, in one transaction.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function toMigration(options: toMigration.Options = {}): string {
  assertOptions(options, 'toMigration', ['schema'])
  const schema = quoteSchema(options.schema)
  const calls = [...STEP_NAMES.map((name) => `${schema}.${name}(text)`), `${schema}.version()`]
  const parts = [TABLES, PARTS, TIME, SUMS, STEPS, READS].join('\n')
  const text = parts
    .replaceAll('{step}', STEP)
    .replaceAll('{quick}', QUICK)
    .replaceAll('{s}', schema)
    .replaceAll('{version}', String(MIGRATION_VERSION))
  return `-- The ledger of pay402 in Postgres, version ${MIGRATION_VERSION}.
begin;

create schema ${schema};
${text}
-- Only roles that are granted the steps may reach payments.
revoke all on all functions in schema ${schema} from public;

commit;

-- To the role of your program, in place of "app", and nothing else:
--
--   grant usage on schema ${schema} to "app";
--   grant execute on function
--     ${calls.join(',\n--     ')}
--     to "app";
--
-- Where there are standbys, it must see how they are kept: grant pg_monitor to "app";
`
}

export declare namespace toMigration {
  /** Where a ledger is. */
  type Options = {
    /** The schema, as `createPostgresLedger` is given it. @default 'pay402' */
    schema?: string | undefined
  }
}

import { systemClock } from '../../payment/clock.js'
import { systemRandomBytes } from '../../payment/random.js'
import type { JsonObject } from '../../wire/json.js'
import { createWarnings } from '../book/warnings.js'
import { createEngineLedger, type EngineLedger } from '../engine/ledger.js'
import { assertEngineOptions, type Durable, type EngineOptions } from '../engine/options.js'
import { createPatience } from '../engine/patience.js'
import type { Told } from '../engine/store.js'
import { findLack, LOOK, toNotDurable } from './durability.js'
import { MIGRATION_VERSION, toMigration } from './migration.js'
import { codeOf, type Query, type Querying, readQuery } from './query.js'
import { createNotMigrated, quoteSchema } from './schema.js'
import { createPostgresStore, readTold } from './store.js'

export { toMigration }

/** A ledger in Postgres; {@link createPostgresLedger} opens it. */
export type PostgresLedger = EngineLedger

/**
 * Opens a ledger in Postgres, so that all processes of a fleet share one budget, to the last unit, whatever dies and whenever.
 *
 * It takes a pool of `pg`, or any function that runs a statement, and imports no client. Each step is one statement in a transaction of its own, so a
 * pooler in between does no harm. It runs in a schema that {@link toMigration} makes, once; opening it changes nothing.
 *
 * A payment is on the disk before it is sent, and on the standbys' disks if they are synchronous. When a process dies, the others release what it had
 * reserved fifteen seconds later, and can present what it had sent.
 *
 * @example
 * ```ts no-run needs a Postgres
 * import { Pool } from 'pg'
 *
 * const pool = new Pool({ connectionString: process.env.DATABASE_URL })
 * pool.on('error', ({ message }) => console.warn(message)) // without it, a restart of Postgres ends the process
 * const ledger = await createPostgresLedger({ query: pool })
 * const client = new x402Client({ ledger, limits: { perDay: '$50' } })
 * ledger.guarantee //=> 'fleet'
 * ```
 *
 * @param options - How Postgres is asked, where the ledger is, and what it must survive.
 * @returns A ledger that holds what the schema does. Close it before the pool.
 * @throws {@link LedgerError} `LEDGER_NOT_MIGRATED` where the schema isn't there, `LEDGER_NOT_DURABLE` where Postgres may forget what it
 *   acknowledged, `LEDGER_UNAVAILABLE` where it can't be asked; nothing was signed. {@link ConfigurationError} for options that mean nothing.
 */
export async function createPostgresLedger(options: createPostgresLedger.Options): Promise<PostgresLedger> {
  assertEngineOptions(options, 'createPostgresLedger', ['query', 'schema'])
  const { durable = 'fsync', assume, clock, random = systemRandomBytes, patienceSeconds = 5 } = options
  const query = readQuery(options.query)
  const schema = quoteSchema(options.schema)
  const name = `postgres ${schema}`
  const warnings = createWarnings(options.onWarning)
  const store = createPostgresStore(query, schema)
  const { ask } = createPatience({
    store,
    ledger: name,
    owner: '',
    patienceMs: patienceSeconds * 1000,
    clock: systemClock,
  })
  await ask(() => readVersion(query, schema))
  const lack = findLack(
    await ask(async () => readTold<JsonObject>(await query(LOOK, []))),
    durable,
    assume !== undefined,
  )
  if (lack !== undefined) {
    const error = toNotDurable(name, lack)
    if (durable !== 'best-effort' || lack.isFatal) throw error
    warnings.warn({ code: 'LEDGER_MAY_FORGET', message: error.shortMessage, hint: lack.hint })
  }
  return createEngineLedger(store, { name, patienceSeconds, clock, random, warnings })
}

export declare namespace createPostgresLedger {
  /**
   * How Postgres is asked, and what the ledger must survive.
   *
   * @example
   * ```ts no-run needs a Postgres
   * import postgres from 'postgres'
   *
   * const sql = postgres('postgres://app@localhost/shop')
   * const ledger = await createPostgresLedger({
   *   query: async (text, values) => ({ rows: await sql.unsafe(text, values) }),
   *   schema: 'research',
   * })
   * ```
   */
  type Options = EngineOptions & {
    /**
     * Asks Postgres: a pool of `pg`, or a function that takes one statement with its values and resolves to its rows. Never within a transaction of
     * yours: what that rolls back has been paid, and is forgotten.
     */
    query: Querying
    /** The schema of the ledger. Each is a budget of its own. @default 'pay402' */
    schema?: string | undefined
    /**
     * What a payment must survive before it is sent: `'fsync'` the end of the machine, and a failover where standbys are waited for;
     * `{ replicas: 2 }` that two standbys are; `'best-effort'` nothing in particular, so that what was paid may be forgotten and paid again.
     *
     * @default 'fsync'
     */
    durable?: Durable | undefined
    /** Your word that a payment survives that, where Postgres can't say so itself: it hides its standbys, or none of them is ever promoted. @default it is asked */
    assume?: 'fsync' | undefined
  }
}

const NOT_ALLOWED = '42501'

/** What Postgres says where the schema, its functions or a grant of them are missing. */
const MISSING: Readonly<Record<string, string>> = {
  '3F000': "it isn't there",
  '42883': "it isn't one of pay402, or of an older version",
  [NOT_ALLOWED]: 'the role of this program may not use it',
}

async function readVersion(query: Query, schema: string): Promise<Told<unknown>> {
  try {
    const version = `json_build_object('atMs', floor(extract(epoch from clock_timestamp()) * 1000)::bigint, 'told', ${schema}.version())`
    const reply = readTold<unknown>(await query(`select ${version}::text as told`, []))
    if (reply.told === MIGRATION_VERSION) return reply
    throw createNotMigrated(schema, `it is of version ${reply.told}, and not ${MIGRATION_VERSION}`)
  } catch (cause) {
    const code = codeOf(cause) ?? ''
    const because = MISSING[code]
    throw because === undefined ? cause : createNotMigrated(schema, because, code === NOT_ALLOWED)
  }
}

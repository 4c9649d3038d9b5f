import { isJsonObject, parseJsonObject } from '../../wire/json.js'
import type { Ask, Store, Told } from '../engine/store.js'
import { explain, isPassing, type Query, UNREADABLE } from './query.js'

/**
 * Creates the store of a ledger in Postgres: each step calls one function of its schema, in a transaction of its own, so that it needs no session and works through
 * a pooler.
 *
 * @param query - Asks Postgres.
 * @param schema - Quoted.
 */
export function createPostgresStore(query: Query, schema: string): Store {
  async function call<T>(step: string, given: unknown, ask: Ask): Promise<Told<T>> {
    return readTold(await query(`select ${schema}.${step}($1::text) as told`, [JSON.stringify({ ask, given })]))
  }

  return {
    reserve: (request, ask) => call('reserve', request, ask),
    write: (request, ask) => call('write', request, ask),
    open: (names, ask) => call('open', names, ask),
    sum: (request, ask) => call('sum', request, ask),
    rows: (which, ask) => call('rows', which, ask),
    deals: (keys, ask) => call('deals', keys, ask),
    get: (name, ask) => call('get', name, ask),
    put: (request, ask) => call('put', request, ask),
    beat: (ask) => call('beat', undefined, ask),
    bury: (owner, ask) => call('bury', owner, ask),
    isPassing,
    explain,
  }
}

/**
 * Reads the one JSON text of a reply, in the column `told`.
 *
 * @throws Where there is none: then the option `query` isn't what it must be.
 */
export function readTold<T>({ rows }: { readonly rows: readonly unknown[] }): Told<T> {
  const [row] = rows
  const text = isJsonObject(row) ? row['told'] : undefined
  const read = typeof text === 'string' ? parseJsonObject(text) : { problem: 'it has no row with a text' }
  if ('problem' in read) throw new TypeError(`${UNREADABLE}, since ${read.problem}`)
  return read.value as Told<T> // written by a function of the schema
}

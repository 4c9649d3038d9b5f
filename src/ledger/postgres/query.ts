import { invalidOption } from '../../errors/options.js'
import { isJsonObject } from '../../wire/json.js'
import { type Reason, toRefused, toSentence, toUnreached } from '../engine/reason.js'

/** Asks Postgres: one statement, with its values apart. Each is a transaction of its own. */
export type Query = (text: string, values: string[]) => Promise<{ readonly rows: readonly unknown[] }>

/** Anything that asks so: a function, or what has it as a method, as a `Pool` of `pg` does. */
export type Querying = Query | { query: Query }

/** How the error begins of what isn't a reply. */
export const UNREADABLE = '`query` resolved to something that is not a reply of Postgres'

/** Reads the option `query`. */
export function readQuery(querying: unknown): Query {
  if (typeof querying === 'function') return querying as Query // what it does shows when it's asked
  if (isJsonObject(querying) && typeof querying['query'] === 'function') {
    const owner = querying as { query: Query } // as above
    return (text, values) => owner.query(text, values)
  }
  throw invalidOption(
    'query',
    'a function that takes a text and values, or what has such a method, as a pool of `pg` does',
  )
}

/**
 * Classes and codes of what may succeed a moment later: a connection, resources, an operator who restarts it, a standby, a deadlock, a lock. The last one is a step's own, whose
 * deadline had passed. Source: PostgreSQL documentation, appendix A.
 */
const PASSING = /^(08...|53...|57...|25006|40001|40P01|55P03|P402L)$/

/** Whether an error of a client may pass: any but those that Postgres itself has for a statement that it can't do. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error)
  // Those of Node, such as `EPIPE`, begin with an E, as no class of Postgres does.
  const isOfPostgres = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')
  return isOfPostgres ? PASSING.test(code) : !(error instanceof TypeError)
}

/** The code of an error, as Postgres or Node has it. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined
  return typeof code === 'string' ? code : undefined
}

/**
 * Classes whose sentence names roles, databases and objects, and never a value: a login, a database, rights, resources, an operator. Source: PostgreSQL documentation,
 * appendix A.
 */
const NAMING = /^(08...|28...|3D000|3F000|42501|42883|42P01|53...|57...)$/

/**
 * Says why a statement failed, in the words of Postgres where those hold no value.
 *
 * @param error - What `query` rejected with.
 */
export function explain(error: unknown): Reason {
  const code = codeOf(error)
  if (code === '25006') return { because: 'it is a standby: connect to the primary' }
  if (isPassing(error) && !/^5[37]/.test(code ?? '')) return toUnreached(error, 'query')
  if (error instanceof TypeError)
    return error.message.startsWith(UNREADABLE) ? { because: error.message } : toUnreached(error, 'query')
  return toRefused(NAMING.test(code ?? '') ? toSentence(error) : code)
}

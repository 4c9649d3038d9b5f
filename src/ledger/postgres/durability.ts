import type { JsonObject } from '../../wire/json.js'
import { createNotDurable } from '../engine/error.js'
import type { Durable } from '../engine/options.js'
import type { LedgerError } from '../error.js'

/**
 * What Postgres says of itself, in one look. A role that isn't of `pg_monitor` isn't told how standbys are kept. What takes a backup, or reads
 * changes one by one, is listed among them and never promoted.
 */
export const LOOK = `select json_build_object(
  'atMs', floor(extract(epoch from clock_timestamp()) * 1000)::bigint,
  'told', json_build_object('version', current_setting('server_version_num')::int,
  'fsync', current_setting('fsync'),
  'fullPageWrites', current_setting('full_page_writes'),
  'encoding', current_setting('server_encoding'),
  'isolation', current_setting('transaction_isolation'),
  'isStandby', pg_is_in_recovery(),
  'waitsFor', current_setting('synchronous_standby_names'),
  'standbys', (
    select coalesce(json_agg(coalesce(sync_state, 'hidden')), '[]') from pg_stat_replication as one
    where application_name is distinct from 'pg_basebackup' and not exists (
      select from pg_replication_slots where slot_type = 'logical' and active_pid = one.pid
    )
  )
))::text as told`

/** The oldest Postgres that this was made for: 13. */
const LEAST_VERSION = 130_000

/** Why a Postgres isn't what was asked for, and what to change. One that is fatal no one can want. */
export type Lack = { readonly because: string; readonly hint: string; readonly isFatal?: boolean }

/**
 * Finds what a Postgres lacks.
 *
 * @param looked - What {@link LOOK} told.
 * @param durable - What the ledger is to survive.
 * @param isAssumed - Whether the operator says so, where Postgres can't tell.
 */
export function findLack(looked: JsonObject, durable: Durable, isAssumed: boolean): Lack | undefined {
  const { version, fsync, fullPageWrites, isStandby, encoding, isolation } = looked
  if (!(Number(version) >= LEAST_VERSION))
    return { because: 'it is older than version 13', hint: 'Use Postgres 13 or later.', isFatal: true }
  if (isStandby === true) return { because: 'it is a standby', hint: 'Connect to the primary.', isFatal: true }
  // A step waits for its turn and then reads: as it was when it began to wait, sums would drift.
  if (isolation !== 'read committed') {
    return {
      because: `its transactions are ${isolation}, and sums miss what is paid meanwhile`,
      hint: "Set `default_transaction_isolation = 'read committed'` for the role of this program.",
      isFatal: true,
    }
  }
  if (encoding !== 'UTF8' && encoding !== 'SQL_ASCII') {
    return {
      because: `its encoding is ${encoding}, which can't write all that a seller may say`,
      hint: "Create the ledger in a database `with encoding 'UTF8' template template0`.",
      isFatal: true,
    }
  }
  if (isAssumed) return undefined
  if (fsync !== 'on') return { because: 'a crash of the machine may destroy it', hint: 'Set `fsync = on`.' }
  if (fullPageWrites !== 'on')
    return { because: 'a crash of the machine may destroy pages', hint: 'Set `full_page_writes = on`.' }
  return findStandbyLack(looked, durable)
}

/** The error of what a Postgres lacks. */
export function toNotDurable(ledger: string, { because, hint, isFatal }: Lack): LedgerError {
  const more = isFatal ? '' : " Or say `durable: 'best-effort'`, if what was paid may be forgotten."
  return createNotDurable(ledger, because, hint + more)
}

function findStandbyLack({ standbys, waitsFor }: JsonObject, durable: Durable): Lack | undefined {
  const states: readonly unknown[] = Array.isArray(standbys) ? standbys : []
  const able = states.filter((state) => state === 'sync' || state === 'quorum').length
  const waiting = Math.min(able, readCount(waitsFor))
  const wanted = typeof durable === 'object' ? durable.replicas : 0
  if (waiting >= Math.max(wanted, 1) || (states.length === 0 && wanted === 0)) return undefined
  if (states.includes('hidden')) {
    return {
      because: 'its standbys are hidden from this role',
      hint: "Grant `pg_monitor` to the role; or say `assume: 'fsync'`, if none of them is ever promoted or all are waited for.",
    }
  }
  return {
    because:
      waiting === 0
        ? `it doesn't wait for its ${states.length === 1 ? 'standby, which' : 'standbys, which'} may lack payments if promoted`
        : `it waits for ${waiting} of its ${states.length} standbys, and another one may lack payments if promoted`,
    hint: "Set `synchronous_standby_names` to those that may be promoted; or say `assume: 'fsync'`, if none of them is.",
  }
}

/** How many standbys are waited for: of `ANY 1 (a, b)` one, although both may be it. Source: PostgreSQL documentation, `synchronous_standby_names`. */
function readCount(waitsFor: unknown): number {
  const [, count = '1'] = /^\s*(?:(?:first|any)\s+)?(\d+)\s*\(/i.exec(String(waitsFor)) ?? []
  return Number(count)
}

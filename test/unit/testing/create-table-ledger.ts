import type { Ledger, LedgerRecord } from '../../../src/flow/ports.js'
import { isListed } from '../../../src/ledger/book/book.js'
import { moveRecord, openRecord } from '../../../src/ledger/book/record.js'
import { countAgainst, findRefusal } from '../../../src/ledger/book/refusal.js'
import { createTurns } from '../../../src/ledger/file/turns.js'
import { createUnknownRecord } from '../../../src/ledger/ledger-error.js'
import { toClaim } from '../../../src/payment/purchase.js'
import type { LedgerPorts } from '../../../src/testing/ledger/create-session.js'

/** Rows, oldest first, and whose turn it is to change them. */
export type Table = { rows: readonly LedgerRecord[]; readonly takeTurn: ReturnType<typeof createTurns> }

/** What a table ledger is put together from; a test breaks it by replacing one of them. */
export type Parts = {
  guarantee: Ledger['guarantee']
  /** Decides on a copy of the rows, which replaces them. */
  transact<T>(table: Table, decide: (rows: LedgerRecord[]) => T): Promise<T>
  read(table: Table): readonly LedgerRecord[]
  toNow(clockSeconds: number, rows: readonly LedgerRecord[]): number
  createId(ports: LedgerPorts, rows: readonly LedgerRecord[]): string
  findRefusal: typeof findRefusal
  countAgainst: typeof countAgainst
  openRecord: typeof openRecord
  moveRecord: typeof moveRecord
  refuseUnknown(id: string): void
  toClaim: typeof toClaim
  toClaimed(record: LedgerRecord): LedgerRecord
  isListed: typeof isListed
  toListed(records: readonly LedgerRecord[]): readonly LedgerRecord[]
}

/** The parts of a ledger that holds its contract. */
export const soundParts: Parts = {
  guarantee: 'fleet',
  transact: (table, decide) =>
    table.takeTurn(async () => {
      const rows = [...table.rows]
      const result = decide(rows)
      await undefined // as it takes a database a while
      table.rows = rows
      return result
    }),
  read: ({ rows }) => rows,
  toNow: (clockSeconds, rows) => Math.max(clockSeconds, rows.at(-1)?.atSeconds ?? 0),
  createId: ({ random }) => random(8).join('.'),
  findRefusal,
  countAgainst,
  openRecord,
  moveRecord,
  refuseUnknown(id) {
    throw createUnknownRecord(id)
  },
  toClaim,
  toClaimed: (record) => record,
  isListed,
  toListed: (records) => records.toReversed().map((record) => structuredClone(record)),
}

/** A ledger on a table that others may share, as databases are shared. */
export type TableLedger = Ledger & { readonly table: Table }

export function createTable(): Table {
  return { rows: [], takeTurn: createTurns() }
}

/** Creates a ledger on a table: the least that holds the contract, unless a part is broken. */
export function createTableLedger(table: Table, ports: LedgerPorts, broken: Partial<Parts> = {}): TableLedger {
  const parts = { ...soundParts, ...broken }
  const toNow = (rows: readonly LedgerRecord[]) => parts.toNow(ports.clock.nowSeconds(), rows)
  return {
    table,
    guarantee: parts.guarantee,
    reserve: (record, caps) =>
      parts.transact(table, (rows) => {
        const nowSeconds = toNow(rows)
        const refusal = parts.findRefusal(record, caps, (cap) => parts.countAgainst(cap, rows, nowSeconds))
        if (refusal) return refusal
        const id = parts.createId(ports, rows)
        rows.push(parts.openRecord(record, id, nowSeconds))
        return { id }
      }),
    move: (id, from, to, facts) =>
      parts.transact(table, (rows) => {
        const place = rows.findIndex((row) => row.id === id)
        const record = rows[place]
        if (record === undefined) parts.refuseUnknown(id)
        else rows[place] = parts.moveRecord(record, from, to, facts)
      }),
    claim: (claimant) =>
      parts.transact(table, (rows) => {
        const claim = parts.toClaim(rows, claimant)
        const place = claim.is === 'yours' ? rows.findIndex(({ id }) => id === claim.record.id) : -1
        if (claim.is === 'yours') rows[place] = parts.toClaimed(claim.record)
        return claim
      }),
    async *list(filter) {
      yield* parts.toListed(parts.read(table).filter((row) => parts.isListed(row, filter)))
    },
    async spent(cap) {
      const rows = parts.read(table)
      return parts.countAgainst(cap, rows, toNow(rows))
    },
  }
}

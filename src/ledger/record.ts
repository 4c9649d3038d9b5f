import type { Facts, LedgerRecord, NewRecord, State } from '../flow/ports.js'
import { freezeCopy } from '../protocol/json.js'
import { copyCharges } from './charge.js'
import { createConflict } from './ledger-error.js'

/** Which state may follow which; decisions.md 2. The same state again means that facts were learned. */
const NEXT: Readonly<Record<State, readonly State[]>> = {
  reserved: ['signed', 'sent', 'released'],
  signed: ['sent', 'released'],
  sent: ['sent', 'settled', 'released'],
  settled: ['settled'],
  released: [],
}

/**
 * Writes down a payment that was reserved.
 *
 * @param record - What is to be paid.
 * @param id - The payment's name in this ledger.
 * @param atSeconds - When it was reserved.
 * @returns The record; frozen, and nothing of it is shared with the caller.
 */
export function openRecord(record: NewRecord, id: string, atSeconds: number): LedgerRecord {
  return Object.freeze({
    ...record,
    tags: Object.freeze([...new Set(record.tags)]),
    charges: copyCharges(record.charges),
    id,
    atSeconds,
    state: 'reserved',
    delivery: 'none',
    claimed: false,
  })
}

/**
 * Moves a payment on, and adds what was learned. Any move ends a claim.
 *
 * The signed payment is kept only while it may have to be presented again: it is a bearer cheque.
 *
 * @param record - The payment as it stands.
 * @param from - States that it may be in.
 * @param to - The state that it takes.
 * @param facts - Facts that are `undefined` keep what was known.
 * @returns A new frozen record.
 * @throws {@link LedgerError} `LEDGER_CONFLICT` when the record is in none of `from`, or never goes on to `to`.
 */
export function moveRecord(record: LedgerRecord, from: readonly State[], to: State, facts: Facts): LedgerRecord {
  const { id, state } = record
  if (!from.includes(state) || !NEXT[state].includes(to)) throw createConflict(id, state, to)
  const delivery = facts.delivery ?? record.delivery
  const isOver = to === 'released' || delivery === 'answered'
  return Object.freeze({
    ...record,
    state: to,
    claimed: false,
    delivery,
    presentation: isOver ? undefined : facts.presentation ? freezeCopy(facts.presentation) : record.presentation,
    validUntilSeconds: facts.validUntilSeconds ?? record.validUntilSeconds,
    nonce: facts.nonce ?? record.nonce,
    charges: facts.charges ? copyCharges(facts.charges) : record.charges,
    transaction: facts.transaction ?? record.transaction,
    sellerSaid: facts.sellerSaid ?? record.sellerSaid,
  })
}

import type { Facts, LedgerRecord, NewRecord, State } from '../../flow/ports.js'
import { isClosed, isUnderWay } from '../../payment/purchase.js'
import { freezeCopy } from '../../wire/json.js'
import { createConflict } from '../ledger-error.js'
import { copyCharges } from './charges.js'

/** Which state may follow which. The same state again means that facts were learned. */
const NEXT: Readonly<Record<State, readonly State[]>> = {
  reserved: ['signed', 'sent', 'released'],
  signed: ['sent', 'released'],
  sent: ['sent', 'settled', 'released'],
  settled: ['settled'],
  released: [],
}

/**
 * Makes the record of a payment that was reserved.
 *
 * @param record - What is to be paid.
 * @param id - The payment's name in this ledger.
 * @param atSeconds - When it was reserved: the later of the clock and the newest record, so that a clock set back frees nothing.
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
 * @returns A new frozen record. A ledger puts it in the place of the old one in the same atomic step.
 * @throws {@link LedgerError} `LEDGER_CONFLICT` when the record is in none of `from`, or never goes on to `to`.
 */
export function moveRecord(record: LedgerRecord, from: readonly State[], to: State, facts: Facts): LedgerRecord {
  const { id, state } = record
  if (!from.includes(state) || !mayFollow(state, to)) throw createConflict(id, state, to)
  const presentation = facts.presentation ? freezeCopy(facts.presentation) : record.presentation
  return Object.freeze(learn({ ...record, presentation }, to, facts))
}

/** Whether a payment in one state may go on to another. */
export function mayFollow(state: State, to: State): boolean {
  return NEXT[state].includes(to)
}

/** What a move may change of a record, which nobody else holds yet. */
export type Changing = {
  -readonly [Name in 'state' | 'claimed' | 'delivery' | 'charges' | 'purchase']: LedgerRecord[Name]
} & {
  -readonly [Name in Exclude<keyof Facts, 'delivery' | 'charges' | 'purchase'>]?: LedgerRecord[Name]
}

/** Changes a draft to what the payment is after a move; all but the signed payment, which it only loses. */
export function learn<Draft extends Changing>(draft: Draft, to: State, facts: Facts): Draft {
  draft.state = to
  draft.claimed = false
  draft.delivery = facts.delivery ?? draft.delivery
  draft.forgotten = facts.forgotten ?? draft.forgotten
  draft.purchase = facts.purchase ?? draft.purchase
  if (isClosed(draft)) draft.presentation = undefined
  draft.validUntilSeconds = facts.validUntilSeconds ?? draft.validUntilSeconds
  draft.nonce = facts.nonce ?? draft.nonce
  draft.charges = facts.charges ? copyCharges(facts.charges) : draft.charges
  draft.charged = facts.charged ?? draft.charged
  draft.transaction = facts.transaction ?? draft.transaction
  draft.cancellation = facts.cancellation ?? draft.cancellation
  draft.allowances = facts.allowances ? freezeCopy(facts.allowances) : draft.allowances
  draft.sellerSaid = facts.sellerSaid ?? draft.sellerSaid
  draft.status = facts.status ?? draft.status
  return draft
}

/**
 * Changes a draft to what the payment is once whoever made it is gone: nobody holds the signature of what was never sent, and nobody
 * waits for the answer to what was.
 */
export function abandon<Draft extends Changing>(draft: Draft): Draft {
  if (!isUnderWay(draft)) return Object.assign(draft, { claimed: false })
  const wasSent = draft.state === 'sent' || draft.state === 'settled'
  return wasSent ? learn(draft, draft.state, { delivery: 'lost' }) : learn(draft, 'released', {})
}

/** A payment's place in its book, with which its id ends; anything else for an id that no book made. */
export function toPlace(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

/** What it meant for payments that their process is gone. */
export type Recovered = {
  /** Payments that were reserved and never sent: they count no more. */
  readonly released: number
  /** Payments that were sent and whose answer nobody waits for any more: they count, and the same purchase presents them again. */
  readonly lost: number
}

/** Changes payments to what they are once their process is gone. */
export function recover(drafts: readonly Changing[]): Recovered {
  const found = { released: 0, lost: 0 }
  for (const draft of drafts.filter(isUnderWay)) found[abandon(draft).state === 'released' ? 'released' : 'lost'] += 1
  return found
}

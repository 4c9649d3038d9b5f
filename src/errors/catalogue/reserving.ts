import { LimitError } from '../step-errors.js'
import { HOST_UNKNOWN, LIMIT_TOTAL } from './limits.js'

/*
 * Rows that are loaded with what refuses a selected offer; those of an offer as it stands are loaded first.
 */

/** What every limit says that refuses; rows say `because` of what. */
export const LIMIT = { kind: LimitError, sentence: 'Refused to pay {price}: {because}.' } as const

/**
 * @page A limit's number of payments is reached. With `limits.perResource` the message says that the resource was paid
 * for before: use what it returned then.
 */
export const LIMIT_COUNT = { ...LIMIT_TOTAL, code: 'LIMIT_COUNT' } as const

/**
 * @page The limit of a stretch of time, such as `perDay`, is reached. Windows roll: wait, or raise the limit. `perMonth`
 * starts over with each month, and `error.facts['resets at']` says when.
 */
export const LIMIT_WINDOW = { ...LIMIT_TOTAL, code: 'LIMIT_WINDOW' } as const

/** A limit that counts one resource: what is asked for was paid for before. */
export const LIMIT_PER_RESOURCE = {
  ...LIMIT_TOTAL,
  because: 'it was paid for before, and the limit "{limit}" allows {allows} for each resource',
  hint: 'Use what it returned then, if anything. {otherwise}',
} as const

export const HOST_UNKNOWN_TO_PIN = {
  ...HOST_UNKNOWN,
  because: 'its limits pin an origin to the address that it was paid at, and the origin that asks is unknown',
} as const

/**
 * @page With `limits.pinPayTo`, the origin was paid at another address before. Ask the seller whether the new one is
 * theirs.
 */
export const PAYEE_CHANGED = {
  code: 'PAYEE_CHANGED',
  kind: LimitError,
  because: 'its origin was paid at another address before',
  hint: 'Ask the seller whether the address is theirs; `limits.pinPayTo` holds the first one.',
} as const

/** A restricted client isn't told whom others paid. */
export const PAY_TO_CHANGED_RESTRICTED = {
  ...PAYEE_CHANGED,
  hint: "Ask this client's owner whether the address is the seller's, or catch LimitError to skip this resource.",
} as const

/**
 * @page You paid the origin three times in a row and got nothing, so nothing more is bought there for ten minutes. An
 * empty body is nothing; see [what counts](guides/client-options.md#when-a-seller-takes-money-and-delivers-nothing).
 * Wait, or call `client.resetCircuit(origin)`. The client's option `circuit` changes both numbers, and `false` turns
 * it off.
 */
export const CIRCUIT_OPEN = {
  code: 'CIRCUIT_OPEN',
  kind: LimitError,
  because: 'its origin was paid for several purchases and delivered none of them',
  hint: 'Wait {seconds} seconds, or call `client.resetCircuit` once the seller has recovered.',
} as const

/** A restricted client has no way to close the circuit. */
export const CIRCUIT_OPEN_RESTRICTED = {
  code: 'CIRCUIT_OPEN',
  kind: LimitError,
  because: 'its origin was paid for several purchases and delivered none of them',
  hint: 'Wait {seconds} seconds, or ask the owner of this client.',
} as const

/**
 * @page Someone froze the ledger at [the desk](guides/desk.md#freeze), and the message says who and why, except to
 * a restricted client. Until `desk.thaw({ by })`, no client of this ledger signs or presents anything, not even a
 * payment that left before.
 */
export const FROZEN = {
  code: 'FROZEN',
  kind: LimitError,
  because: 'its ledger is frozen',
  hint: 'Nothing is signed or presented until `desk.thaw({ by })`, or `npx pay402 thaw` where the ledger is a file.',
} as const

/** @page The person or rule that approves payments said no, threw, or didn't say yes. */
export const NOT_APPROVED = {
  code: 'NOT_APPROVED',
  kind: LimitError,
  because: 'it was not approved{why}',
  hint: 'The person or rule that approves payments said no, or did not say yes.',
} as const

/**
 * @page Within a minute, the approver was asked 20 times about this host, or 60 times about all hosts, and never said
 * yes. No one was asked about this payment. Wait as long as the message says; a yes to an open question ends it
 * sooner. `limits.askAtMost` sets [another number](guides/limits.md#a-flood-of-questions).
 */
export const ASKED_TOO_OFTEN = {
  code: 'ASKED_TOO_OFTEN',
  kind: LimitError,
  because: 'who approves payments was asked {times} times about {whom} within a minute, and said yes to none',
  hint: 'No one was asked about this one. Wait {seconds} seconds, or for a yes. For a rule that answers by itself, raise `limits.askAtMost`.',
} as const

/** A restricted client has no way to raise what its owner set. */
export const ASKED_TOO_OFTEN_RESTRICTED = {
  ...ASKED_TOO_OFTEN,
  hint: 'No one was asked about this one. Wait {seconds} seconds, or for a yes.',
} as const

/**
 * @page The ledger can't be read or written, and what isn't written down isn't signed. See `error.cause`.
 *
 * As a `DeliveryError` with `money: 'signed'`, the signature was made and dropped. With `'in-doubt'` or `'settled'`,
 * an earlier payment waits, and the same call presents it once the ledger can be read. As a `LedgerError`, it comes
 * from the ledger itself.
 */
export const LEDGER_UNAVAILABLE_TO_RESERVE = {
  code: 'LEDGER_UNAVAILABLE',
  kind: LimitError,
  because: 'the ledger could not write the payment down, and what is not written down is not signed',
  hint: 'See the cause; the limits hold only while the ledger can be read and written.',
} as const

import { LimitError } from '../step-errors.js'
import { ConfigurationError } from '../x402-error.js'
import { ASKED_TOO_OFTEN } from './reserving.js'

/**
 * @page The payment waits for someone to approve it at [the desk](guides/desk.md). `error.facts.proposal` is the id for
 * `desk.approve(id, { by })`, from any process on the same ledger. Then the same call pays exactly these terms, once.
 * Money: `untouched`, or where it was if an earlier payment is to be presented again.
 */
export const APPROVAL_PENDING = {
  code: 'APPROVAL_PENDING',
  kind: LimitError,
  because: 'it waits for someone to approve it',
  hint: 'Nothing was signed. Call again once the proposal is approved; calling again before that makes no second one.',
} as const

/**
 * @page The call names a proposal (`x402: { proposal }`), and the seller now asks for other terms, the call is
 * another one, or there is no such proposal. Nothing was signed. Call without `proposal` to propose what is asked for now.
 */
export const PROPOSAL_CHANGED = {
  code: 'PROPOSAL_CHANGED',
  kind: LimitError,
  because:
    "it isn't what the proposal {proposal} names: the terms changed, it is another call, or there is no such proposal",
  hint: 'Call without `proposal` to propose what is asked for now.',
} as const

/**
 * @page The call names a proposal (`x402: { proposal }`) that was paid already: an approval pays once. Nothing was
 * signed. Call without `proposal` to propose the same again.
 */
export const PROPOSAL_USED = {
  code: 'PROPOSAL_USED',
  kind: LimitError,
  because: 'the proposal {proposal} was paid already, and an approval pays once',
  hint: 'Call without `proposal` to propose the same again.',
} as const

/** As {@link PROPOSAL_USED}, at a desk. */
export const PROPOSAL_USED_AT_DESK = {
  code: 'PROPOSAL_USED',
  kind: LimitError,
  money: 'in-doubt',
  sentence: "The proposal {proposal} was paid already: it can't be denied anymore.",
  hint: 'List the payments of the desk to see what became of it; `desk.freeze` stops what is still to come.',
} as const

/** @page `client.propose` found nothing to pay at the address: the response was no 402, had no terms of x402, or never came. */
export const NOTHING_TO_PROPOSE = {
  code: 'NOTHING_TO_PROPOSE',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Nothing was proposed: {why}.',
  hint: '`client.diagnose` says in words why a call is paid or not.',
} as const

/** @page No proposal with that id is kept: it was never made, or it's long over. `desk.approvals()` lists those that are. */
export const NO_PROPOSAL = {
  code: 'NO_PROPOSAL',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'There is no proposal {proposal}.',
  hint: '`desk.approvals()` lists those that are kept.',
} as const

/** @page The proposal expired: a day passed since it was made. Call again to make another one. */
export const PROPOSAL_EXPIRED = {
  code: 'PROPOSAL_EXPIRED',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'The proposal {proposal} expired before anyone decided.',
  hint: 'The next call that asks for the same makes a new one.',
} as const

/** Someone who isn't here was asked too often: what waits for a desk is bounded, too. */
export const TOO_MANY_PROPOSALS = {
  ...ASKED_TOO_OFTEN,
  because: '{times} proposals about {whom} wait for a decision already',
  hint: 'Approve or deny some of them at the desk, or wait until they expire.',
} as const

/** A call without an address or a key gets a new name each time, so that a later call would find no approval. */
export const NOT_APPROVED_LATER = 'it can be approved later only where the call has an address or a key'

/**
 * @page Someone replaced the limits at [the desk](guides/desk.md), and this version of pay402 can't read the new ones.
 * Nothing is signed or presented until it can: update pay402, or set limits that it knows.
 */
export const LIMITS_UNREADABLE = {
  code: 'LIMITS_UNREADABLE',
  kind: LimitError,
  because: "the limits in its ledger's register can't be read by this version of pay402",
  hint: 'Update pay402, or set limits that it knows with `desk.limits`.',
} as const

/** As {@link LIMITS_UNREADABLE}, where nothing is about to be paid. */
export const LIMITS_UNREADABLE_TO_TELL = {
  code: 'LIMITS_UNREADABLE',
  kind: LimitError,
  money: 'untouched',
  sentence: "The limits in the ledger's register can't be read by this version of pay402.",
  hint: LIMITS_UNREADABLE.hint,
} as const

/** @page The limits were replaced at [the desk](guides/desk.md) again and again while a payment was judged by them. Call again. */
export const LIMITS_REPLACED = {
  code: 'LIMITS_REPLACED',
  kind: LimitError,
  because: 'its limits were replaced again and again while it was judged by them',
  hint: 'Nothing was signed. Call again.',
} as const

/** Thrown when others change the same value of the register without end. */
export const LEDGER_TOO_BUSY = {
  code: 'LEDGER_UNAVAILABLE',
  kind: LimitError,
  money: 'untouched',
  sentence: 'The ledger could not write a decision down: others changed it each time.',
  hint: 'Nothing was signed. Try again.',
} as const

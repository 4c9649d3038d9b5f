import { ConfigurationError, X402Error } from '../../../src/errors/x402-error.js'

/** @page The RPC couldn't be reached, or responded with an HTTP error. */
export const RPC_FAILED = {
  code: 'RPC_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'A chain could not be asked.',
} as const

/** @page The RPC returned an error of its own. */
export const RPC_REFUSED = {
  code: 'RPC_REFUSED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'A chain refused to answer.',
} as const

/** @page The RPC serves another chain than the one that it is named for. */
export const RPC_WRONG_CHAIN = {
  code: 'RPC_WRONG_CHAIN',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'A source answers for another chain.',
} as const

/** @page The RPC responded without a result. */
export const RPC_ANSWER_MISSING = {
  code: 'RPC_ANSWER_MISSING',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'A chain has no such block.',
} as const

/** @page The RPC returned something that isn't what was asked for. */
export const RPC_ANSWER_MALFORMED = {
  code: 'RPC_ANSWER_MALFORMED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: "A chain's answer is malformed.",
} as const

export const CANCELING_NEEDS = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Canceling needs the option `{option}`: {what}.',
} as const

/**
 * @page The signer lacks an address or a way to sign. The message names the fix; [wallets](guides/wallets.md) shows
 * one for every kind.
 */
export const NOT_THE_PAYER = {
  code: 'INVALID_SIGNER',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Only the account that signed an authorization can cancel it.',
  hint: 'This scheme signs for {payer}.',
} as const

export const SENDER_NOT_THE_PAYER = {
  code: 'INVALID_OPTION',
  kind: ConfigurationError,
  money: 'untouched',
  sentence: 'Only the payer’s own account can cancel a payment through Permit2.',
  hint: 'Let `sender` be a wallet of {payer}.',
} as const

/** @page What was to be canceled was spent in the meantime. Money: `settled`. */
export const ALREADY_SPENT = {
  code: 'ALREADY_SPENT',
  kind: X402Error,
  money: 'settled',
  sentence: 'The payment was settled before it could be canceled.',
} as const

/**
 * @page The cancellation wasn't sent, wasn't mined in time, or did something else; or a source says that the payment
 * was canceled by a transaction that this ledger didn't send. Money: `in-doubt`. Try again, or reconcile.
 */
export const CANCEL_FAILED = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'The authorization was not seen to be canceled.',
  hint: 'A transaction that was sent may still be mined. Cancel again, or reconcile later.',
} as const

export const CANCEL_NOT_MINED = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'The cancellation was not mined in time.',
} as const

export const CANCEL_BY_ANOTHER = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'A source says that it was canceled by a transaction that this ledger did not send.',
} as const

export const CANCEL_REVERTED = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'The cancellation was reverted.',
} as const

export const CANCEL_OF_ANOTHER = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'The transaction canceled no such authorization.',
} as const

export const CANCEL_WITHOUT_HASH = {
  code: 'CANCEL_FAILED',
  kind: X402Error,
  money: 'in-doubt',
  sentence: "The sender's answer is not the hash of a transaction.",
} as const

/**
 * @page The cancellation is mined, but not every source calls its block finalized yet. Money: `in-doubt`, and
 * counted. Call `client.cancel(id)` or `client.reconcile()` later: the payment is released once every source does.
 * Nothing is sent twice.
 */
export const CANCEL_NOT_FINAL = {
  code: 'CANCEL_NOT_FINAL',
  kind: X402Error,
  money: 'in-doubt',
  sentence: 'The cancellation is mined, and not final yet.',
  hint: 'Cancel again or reconcile later: it is released once every source calls its block finalized. Nothing is sent twice.',
} as const

/**
 * @page The wallet that you gave to `approvePermit2` returned something that isn't the hash of a transaction. The
 * approval may have been sent anyway: ask `permit2Allowance`. Money: `untouched`.
 */
export const APPROVAL_FAILED = {
  code: 'APPROVAL_FAILED',
  kind: X402Error,
  money: 'untouched',
  sentence: "The wallet's answer is not the hash of a transaction.",
  hint: 'The approval may have been sent all the same: ask `permit2Allowance`.',
} as const

export const ALLOWANCE_REQUIRED = {
  code: 'ALLOWANCE_REQUIRED',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to sign: Permit2 may not take the tokens, and the allowance can’t be signed here.',
  hint: 'Allow it once with `approvePermit2`, and pay again.',
} as const

export const ASKED_OTHER_APPROVAL = {
  code: 'ASKED_OTHER_TERMS',
  kind: X402Error,
  money: 'untouched',
  sentence: 'Refused to ask the wallet: {what} is not what was approved.',
  hint: 'The approval that was to be signed was built wrongly or changed on the way. Please report it.',
} as const

export const APPROVAL_MALFORMED = {
  code: 'SIGNATURE_MALFORMED',
  kind: X402Error,
  money: 'untouched',
  sentence: "The signer's answer is not the signed transaction that was asked for.",
  hint: 'Pass an account whose `signTransaction` takes what those of viem take.',
} as const

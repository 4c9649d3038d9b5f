import { SelectionError, SigningError } from '../step-errors.js'

/**
 * @page A hook of yours stopped the payment, by what it returned, by throwing, or by changing what the seller declared
 * under `extensions`, to which it may only add. The message has what it threw. As a `SelectionError`, nothing was
 * signed. As a `SigningError`, the signature was dropped, and `money` is `released`.
 *
 * `createPaymentPayload` shows a 402 to the hooks of `onPaymentRequired`, too. It can't send the headers that one
 * returns, so it refuses: call `handlePaymentRequired` first, and ask again with what it returns.
 */
export const HOOK_STOPPED = {
  code: 'REFUSED_BY_HOOK',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: a hook stopped the payment{why}.',
} as const

export const HOOK_THREW = {
  code: 'REFUSED_BY_HOOK',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: a hook threw when it was shown the 402{why}.',
} as const

/** A hook may add an id of its own, say, and no seller takes an echo that changed what it wrote. */
export const HOOK_CHANGED_DECLARED = {
  code: 'REFUSED_BY_HOOK',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: a hook changed `extensions.{extension}` as the seller declared it.',
  hint: 'Add members next to those of the seller, and leave those as they are.',
} as const

/** `createPaymentPayload` hands out a payload, and can't send a request itself. */
export const HOOK_WANTS_TO_ASK_AGAIN = {
  code: 'REFUSED_BY_HOOK',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: a hook returned headers to ask again with, and `createPaymentPayload` sends no requests.',
  hint: 'Wrap with `pay402/fetch`, `pay402/axios` or `pay402/ky`, or ask again yourself with what `handlePaymentRequired` returns.',
} as const

/** @page An extension of yours threw; the signature was dropped. Money: `released`. */
export const EXTENSION_FAILED = {
  code: 'EXTENSION_FAILED',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: the extension "{extension}" failed{why}.',
} as const

export const HOOK_STOPPED_SIGNED = {
  code: 'REFUSED_BY_HOOK',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: a hook stopped the payment{why}.',
} as const

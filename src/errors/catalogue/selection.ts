import { ChallengeError, SelectionError } from '../step-errors.js'

/** @page The 402 has no offers. */
export const NO_OFFERS = {
  code: 'NO_OFFERS',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: the 402 holds no offer.',
} as const

/** @page This client can't pay any of the offers. The message has the first reasons. */
export const NO_PAYABLE_OFFER = {
  code: 'NO_PAYABLE_OFFER',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: none of the offers can be paid by this client.',
  hint: 'Register a scheme for one of these networks, or tell the seller what is missing.',
} as const

/**
 * @page A policy, a selector or the rule of `payFrom` threw, or the rule named none of the accounts. See
 * `error.cause`.
 */
export const POLICY_FAILED = {
  code: 'POLICY_FAILED',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: a policy or the selector threw.',
} as const

export const POLICY_NAMED_NO_PAYER = {
  code: 'POLICY_FAILED',
  kind: SelectionError,
  money: 'untouched',
  sentence: 'Refused to pay: the rule that says who pays named none of the accounts.',
} as const

/**
 * Here and not with its class's others, which are loaded first: it is thrown by what is loaded for sellers that declare their requests.
 *
 * @page The seller declares what a request must be (in the bazaar extension, or `outputSchema.input` in protocol 1),
 * and yours would fail: it has another method, or lacks a field of the query or the body. Send what the seller asks
 * for. If the declaration is wrong, tell the seller, or set [`sellerSchema:
 * 'warn'`](guides/client-options.md#whom-to-believe).
 */
export const REQUEST_UNFIT = {
  code: 'REQUEST_UNFIT',
  kind: ChallengeError,
  money: 'untouched',
  sentence: 'Refused to pay: by the seller’s own schema this request fails, since {problem}.',
  hint: "Send what the schema asks for. If the schema is wrong, tell the seller, or set `sellerSchema: 'warn'`.",
} as const

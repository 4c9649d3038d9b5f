import { LimitError } from '../step-errors.js'

const ALLOWS = 'the limit "{limit}" allows {allows}'
const RAISE = 'Raise `{option}`, or catch LimitError to skip this resource.'
const ADD = 'Add it to `{option}`, or catch LimitError to skip this resource.'
const NAME_ASSET =
  'Name it in `limits.assets` with a `perPayment` in its atomic units, or catch LimitError to skip this resource.'

/** @page The price is above what one payment may cost. Raise `limits.perPayment`, or skip the resource. */
export const LIMIT_PER_PAYMENT = { code: 'LIMIT_PER_PAYMENT', kind: LimitError, because: ALLOWS, hint: RAISE } as const

/**
 * @page The total is reached. It includes payments that sellers may still take; see [where the money
 * is](concepts/where-the-money-is.md).
 */
export const LIMIT_TOTAL = { code: 'LIMIT_TOTAL', kind: LimitError, because: ALLOWS, hint: RAISE } as const

/** @page `limits.hosts` doesn't name the host. */
export const HOST_NOT_ALLOWED = {
  code: 'HOST_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its host',
  hint: ADD,
} as const

/** @page `limits.networks` doesn't name the network. */
export const NETWORK_NOT_ALLOWED = {
  code: 'NETWORK_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its network',
  hint: ADD,
} as const

/** @page `limits.onlyPayTo` doesn't name the recipient. */
export const PAYEE_NOT_ALLOWED = {
  code: 'PAYEE_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its payTo',
  hint: ADD,
} as const

/** @page The asset isn't known to be worth a dollar, or a limit doesn't name it. Name it in `limits.assets`. */
export const ASSET_NOT_ALLOWED = {
  code: 'ASSET_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its asset',
  hint: ADD,
} as const

/** A limit in money is closed (R4): an asset that it can't price is refused, not unlimited. */
export const ASSET_NOT_IN_LIMIT = {
  code: 'ASSET_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its asset',
  hint: 'Name it in `{option}`, or catch LimitError to skip this resource.',
} as const

export const ASSET_UNPRICED = {
  code: 'ASSET_NOT_ALLOWED',
  kind: LimitError,
  because: 'no limit can price its asset',
  hint: NAME_ASSET,
} as const

export const ASSET_UNKNOWN = {
  code: 'ASSET_NOT_ALLOWED',
  kind: LimitError,
  because: 'no limit allows its asset',
  hint: NAME_ASSET,
} as const

/**
 * What the caller can do is the same in every client: it chooses the tags of its calls.
 *
 * @page With `limits.onlyTags`, a call needs at least one tag, and all of its tags must be on the list. Give the call
 * one: `{ x402: { tags: ['customer:7'] } }`.
 */
export const TAG_NOT_ALLOWED = {
  code: 'TAG_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" asks for a tag that it names, and allows no others',
  hint: 'Give the call tags of that list only, at least one, or catch LimitError to skip this resource.',
} as const

/** For a restricted client: a limit of the client that it comes from. Its numbers and its name are the owner's to know. */
export const LIMIT_OF_OWNER = { because: "a limit of this client's owner doesn't allow {what}" } as const

/**
 * What a seller says about who it is decides no limit (R4).
 *
 * @page `client.begin` or `createPaymentPayload` was given no `url`, so the host that asks is unknown, and `hosts`, `perHost`,
 * `perResource`, `pinPayTo` or a restricted client depend on it. What the seller says about itself in `resource.url`
 * doesn't count. Pass `{ url }`: the address that responded with the 402.
 */
export const HOST_UNKNOWN = {
  code: 'HOST_UNKNOWN',
  kind: LimitError,
  because: 'its limits depend on the host that asks, which is unknown',
  hint: 'Say which address responded with the 402: `client.begin(required, { url })`, or the same of `createPaymentPayload`.',
} as const

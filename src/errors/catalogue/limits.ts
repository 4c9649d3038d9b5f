import { LimitError } from '../step-errors.js'

const ALLOWS = 'the limit "{limit}" allows {allows}'
const RAISE = 'Raise `{option}`, or catch LimitError to skip this resource.'
const ADD = 'Add it to `{option}`, or catch LimitError to skip this resource.'
const NAME_ASSET =
  'Name it in `limits.assets` with a `perPayment` in its atomic units, or catch LimitError to skip this resource.'

export const LIMIT_PER_PAYMENT = { code: 'LIMIT_PER_PAYMENT', kind: LimitError, because: ALLOWS, hint: RAISE } as const

export const LIMIT_TOTAL = { code: 'LIMIT_TOTAL', kind: LimitError, because: ALLOWS, hint: RAISE } as const

export const HOST_NOT_ALLOWED = {
  code: 'HOST_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its host',
  hint: ADD,
} as const

export const NETWORK_NOT_ALLOWED = {
  code: 'NETWORK_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its network',
  hint: ADD,
} as const

export const PAYEE_NOT_ALLOWED = {
  code: 'PAYEE_NOT_ALLOWED',
  kind: LimitError,
  because: 'the limit "{limit}" doesn\'t name its payTo',
  hint: ADD,
} as const

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

/** What a seller says about who it is decides no limit (R4). */
export const HOST_UNKNOWN = {
  code: 'HOST_UNKNOWN',
  kind: LimitError,
  because: 'its limits depend on the host that asks, which is unknown',
  hint: 'Give `createPaymentPayload` the `url` that responded with the 402.',
} as const

import { LimitError } from '../step-errors.js'

/** What every limit says that refuses; the rows below say `because` of what. */
export const LIMIT = { kind: LimitError, sentence: 'Refused to pay {price}: {because}.' } as const

const ALLOWS = 'the limit "{limit}" allows {allows}'
const RAISE = 'Raise `{option}`, or catch LimitError to skip this resource.'
const ADD = 'Add it to `{option}`, or catch LimitError to skip this resource.'
const NAME_ASSET =
  'Name it in `limits.assets` with a `perPayment` in its atomic units, or catch LimitError to skip this resource.'
const GIVE_URL = 'Give `createPaymentPayload` the `url` that responded with the 402.'

export const LIMIT_PER_PAYMENT = { code: 'LIMIT_PER_PAYMENT', kind: LimitError, because: ALLOWS, hint: RAISE } as const

export const LIMIT_COUNT = { code: 'LIMIT_COUNT', kind: LimitError, because: ALLOWS, hint: RAISE } as const

export const LIMIT_TOTAL = { code: 'LIMIT_TOTAL', kind: LimitError, because: ALLOWS, hint: RAISE } as const

export const LIMIT_WINDOW = { code: 'LIMIT_WINDOW', kind: LimitError, because: ALLOWS, hint: RAISE } as const

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

/** A limit in money that is closed (R4): what it can't price isn't unlimited. */
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

/** A seller's own word on who it is decides no limit (R4). */
export const HOST_UNKNOWN = {
  code: 'HOST_UNKNOWN',
  kind: LimitError,
  because: 'its limits depend on the host that asks, which is unknown',
  hint: GIVE_URL,
} as const

export const HOST_UNKNOWN_TO_PIN = {
  code: 'HOST_UNKNOWN',
  kind: LimitError,
  because: 'its limits pin an origin to the address that it was paid at, and the origin that asks is unknown',
  hint: GIVE_URL,
} as const

export const PAYEE_CHANGED = {
  code: 'PAYEE_CHANGED',
  kind: LimitError,
  because: 'its origin was paid at another address before',
  hint: 'Ask the seller whether the address is theirs; `limits.pinPayTo` holds the first one.',
} as const

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

export const FROZEN = {
  code: 'FROZEN',
  kind: LimitError,
  because: 'its ledger is frozen',
  hint: 'Anyone who may thaw the ledger can; until then nothing is signed or presented.',
} as const

export const NOT_APPROVED = {
  code: 'NOT_APPROVED',
  kind: LimitError,
  because: 'it was not approved{why}',
  hint: 'The person or rule that approves payments said no, or did not say yes.',
} as const

export const LEDGER_UNAVAILABLE_TO_RESERVE = {
  code: 'LEDGER_UNAVAILABLE',
  kind: LimitError,
  because: 'the ledger could not write the payment down, and what is not written down is not signed',
  hint: 'See the cause; the limits hold only while the ledger can be read and written.',
} as const

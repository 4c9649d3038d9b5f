import { SigningError } from '../step-errors.js'

export const ABORTED = {
  code: 'ABORTED',
  kind: SigningError,
  sentence: 'The call was aborted before anything was sent.',
} as const

/** In the scheme's own words: it knows the contract, the amount, and what can be done. */
export const ALLOWANCE_REQUIRED = {
  code: 'ALLOWANCE_REQUIRED',
  kind: SigningError,
  sentence: '{said}',
  hint: 'Allow it once, as docs/guides/evm.md#allowances shows, and call again.',
} as const

export const SIGNED_MORE = {
  code: 'SIGNED_MORE',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: others could take more with it than was reserved.',
  hint: 'It never left this process. A scheme that takes more must predict it with `predictExposure`.',
} as const

export const SIGNED_OTHER_TERMS = {
  code: 'SIGNED_OTHER_TERMS',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: {what} is not what was approved.',
  hint: 'The wallet, the scheme or a hook changed what it was given; the signature never left this process.',
} as const

export const SIGNED_TOO_LATE = {
  code: 'SIGNED_TOO_LATE',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: when it came, {what}.',
  hint: 'It never left this process. Call again, and answer the wallet sooner.',
} as const

export const SIGNER_FAILED = {
  code: 'SIGNER_FAILED',
  kind: SigningError,
  sentence: 'The signer failed, so nothing was paid.',
  hint: 'See the cause: what the wallet or the scheme said.',
} as const

/** When the scheme threw an error of ours, whose sentence says more. */
export const SIGNER_SAID = {
  code: 'SIGNER_FAILED',
  kind: SigningError,
  sentence: '{said}',
  hint: 'See the cause: what the wallet or the scheme said.',
} as const

export const SIGNING_REJECTED = {
  code: 'SIGNING_REJECTED',
  kind: SigningError,
  sentence: 'The wallet was asked to sign, and its owner said no.',
  hint: 'Nothing was paid. Ask again only when they want to.',
} as const

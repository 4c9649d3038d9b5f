import { SigningError } from '../step-errors.js'

/**
 * @page The call was aborted. The error's `name` is that of the signal's reason, such as `AbortError`. As a
 * `SigningError`, nothing was sent: `money` is `untouched` or `released`. As a `DeliveryError`, the payment was sent:
 * `money` is `in-doubt`, and calling again presents the same payment.
 */
export const ABORTED = {
  code: 'ABORTED',
  kind: SigningError,
  sentence: 'The call was aborted before anything was sent.',
} as const

/**
 * In the scheme's own words: it knows the contract, the amount, and what can be done.
 *
 * @page The payment goes through Permit2, which may not take the tokens yet. `error.facts` names the token, the
 * spender and the amount. [Allow it](guides/evm.md#allowances), and call again.
 *
 * - As a `SigningError`: the chain said so, and the allowance couldn't be signed along with the payment;
 *   `error.facts.because` says why. Money: `untouched`, or `released` if a contract wallet signed a permit, which
 *   can't be used and was dropped. If other payments of the account wait for an allowance, call again in a moment.
 * - As a `PaymentRejectedError`: the seller said so, with status 412. The payment left. Money: `in-doubt`; calling
 *   again presents the same payment.
 */
export const ALLOWANCE_REQUIRED = {
  code: 'ALLOWANCE_REQUIRED',
  kind: SigningError,
  sentence: '{said}',
  hint: 'Allow it once, as docs/guides/evm.md#allowances shows, and call again.',
} as const

/**
 * @page Others could have taken more with the signature than was reserved for the payment, so the signature was
 * dropped. `error.facts` says how much, in atomic units. A scheme object that fills a channel by its own rule does
 * that: let it [predict what others can take](guides/own-scheme.md#what-others-can-take). Money: `released`.
 */
export const SIGNED_MORE = {
  code: 'SIGNED_MORE',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: others could take more with it than was reserved.',
  hint: 'It never left this process. A scheme that takes more must predict it with `predictExposure`.',
} as const

/**
 * @page What was signed isn't what was approved, so the signature was dropped. Look at the wallet, the scheme, or the
 * hook that supplied it. Money: `released`.
 */
export const SIGNED_OTHER_TERMS = {
  code: 'SIGNED_OTHER_TERMS',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: {what} is not what was approved.',
  hint: 'The wallet, the scheme or a hook changed what it was given; the signature never left this process.',
} as const

/**
 * @page The signature came after the payment's own end, or so late that the payment no longer counted in a limit such
 * as `perMinute` and others had taken its room. It was dropped. This happens when a wallet's prompt stays open.
 * Money: `released`.
 */
export const SIGNED_TOO_LATE = {
  code: 'SIGNED_TOO_LATE',
  kind: SigningError,
  money: 'released',
  sentence: 'Dropped a signature: when it came, {what}.',
  hint: 'It never left this process. Call again, and answer the wallet sooner.',
} as const

/**
 * @page The wallet or the scheme failed; see `error.cause`, whose code may be one of [the EVM and Solana
 * schemes](#of-the-evm-and-solana-schemes). Money: `untouched`, or `released` when a signature was dropped.
 */
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

/**
 * @page The wallet asked its owner, who said no. Money: `untouched`. pay402 doesn't ask again, but a library that
 * retries after an error would: give it a fetch with `refusals: 'return'`. See
 * [wallets](guides/wallets.md#a-wallet-in-a-browser).
 */
export const SIGNING_REJECTED = {
  code: 'SIGNING_REJECTED',
  kind: SigningError,
  sentence: 'The wallet was asked to sign, and its owner said no.',
  hint: 'Nothing was paid. Ask again only when they want to.',
} as const

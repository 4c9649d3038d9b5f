import { X402Error } from '../errors.js'

/** Codes of {@link SigningError}. */
export type SigningErrorCode =
  | 'ABORTED'
  | 'ALLOWANCE_REQUIRED'
  | 'EXTENSION_FAILED'
  | 'REFUSED_BY_HOOK'
  | 'SIGNED_MORE'
  | 'SIGNED_OTHER_TERMS'
  | 'SIGNER_FAILED'
  | 'SIGNING_REJECTED'

/** The signer failed, or signed something else. Nothing left the process. */
export class SigningError extends X402Error<SigningErrorCode> {
  static override readonly kind: string = 'SigningError'
}

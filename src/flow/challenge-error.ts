import { X402Error } from '../errors.js'

/** Codes of {@link ChallengeError}. */
export type ChallengeErrorCode =
  | 'CHALLENGE_MALFORMED'
  | 'CHALLENGE_REDIRECTED'
  | 'INSECURE_TRANSPORT'
  | 'RESOURCE_MISMATCH'
  | 'TERMS_FROM_CACHE'
  | 'UNSUPPORTED_VERSION'
  | 'URL_NOT_ABSOLUTE'

/** A 402 means x402, but can't be paid as it stands. Nothing was signed; the 402 itself is `response`. */
export class ChallengeError extends X402Error<ChallengeErrorCode> {
  static override readonly kind: string = 'ChallengeError'
}

import { X402Error } from '../../src/errors.js'

/** The error of terms that aren't signed. */
export function createTermsError(problem: string): X402Error {
  return new X402Error(`Refused to sign: ${problem}.`, { code: 'TERMS_REFUSED', money: 'untouched' })
}

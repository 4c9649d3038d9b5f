import { ChallengeError } from '../flow/challenge-error.js'
import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'

/**
 * Gives a 402 that was read the field's own type.
 *
 * @throws {@link ChallengeError} when it couldn't be read; the money is untouched.
 */
export function unwrapPaymentRequired(decoded: Decoded<Envelope>): PaymentRequired {
  if ('problem' in decoded) {
    throw new ChallengeError(`The 402 can't be read, since ${decoded.problem}.`, {
      code: 'CHALLENGE_MALFORMED',
      money: 'untouched',
    })
  }
  const present = Object.entries(decoded.value).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as PaymentRequired // entries are still the seller's, as the type's page says
}

import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import { freezeCopy, isTooDeep } from '../wire/json.js'

/** What a seller wrote, as hooks are shown it; what is absent stays absent, and what nests too deep to be read is `null`. */
export function toPaymentRequired(envelope: Envelope): PaymentRequired {
  const { accepts, error } = envelope
  const shallow = accepts.map((entry) => (isTooDeep(entry) ? null : entry))
  const shown = { ...envelope, error: isTooDeep(error) ? undefined : error, accepts: shallow }
  const present = Object.entries(shown).filter(([, value]) => value !== undefined)
  return freezeCopy(Object.fromEntries(present)) as PaymentRequired // entries are still the seller's, as the type's page says
}

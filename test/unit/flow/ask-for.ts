import type { PaymentRequired } from '../../../src/wire/challenge.js'
import { createRequired } from '../../support/offers.js'

/** A 402 as `createPaymentPayload` takes it; its offers may be anything. */
export function askFor(accepts?: readonly unknown[], changes?: object): PaymentRequired {
  return createRequired(accepts, changes) as PaymentRequired
}

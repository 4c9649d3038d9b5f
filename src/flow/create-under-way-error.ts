import { DeliveryError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Call } from './steps.js'

/**
 * The error of a call whose purchase another call makes, under the same key and on the same ledger.
 *
 * @param other - Where the other's money is, and which payment it is, as far as that is known here.
 */
export function createUnderWayError(
  { resource }: Call,
  { money, payment }: { readonly money: MoneyState; readonly payment?: string | undefined },
): DeliveryError {
  return new DeliveryError('Refused to pay: this purchase is under way already, by another call with the same key.', {
    code: 'PURCHASE_UNDER_WAY',
    money,
    facts: { resource, payment },
    hint: 'This call signed nothing. Wait for the other one; if its response is lost, calling again presents its payment.',
  })
}

/** The error of another request under a key that names a purchase already. */
export function createKeyReusedError({ resource }: Call, payment: string | undefined): DeliveryError {
  return new DeliveryError('Refused to pay: this key names another request, whose purchase is not over.', {
    code: 'PURCHASE_KEY_REUSED',
    money: 'untouched',
    facts: { resource, payment },
    hint: 'Give each request a key of its own. A new token or cookie doesn’t make it another request; method, address, body and tags do.',
  })
}

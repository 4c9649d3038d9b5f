import { CLIENT_DRAINED } from '../errors/catalogue/delivery.js'
import { fail } from '../errors/fail.js'
import type { DeliveryError } from '../errors/step-errors.js'
import type { Call } from '../payment/call.js'

/** The error of a call that would buy something while its client is being drained. */
export function createDrainedError({ resource }: Pick<Call, 'resource'>): DeliveryError {
  return fail(CLIENT_DRAINED, { facts: { resource } })
}

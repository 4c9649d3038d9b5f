import type { DeliveryError } from '../../errors/step-errors.js'
import type { Call } from '../../payment/call.js'
import { loadPart } from '../../payment/part.js'

/** Loads the error of a call that would buy something while its client is being drained: no other call needs it. */
export async function loadDrainedError(call: Pick<Call, 'resource'>): Promise<DeliveryError> {
  return (await loadPart(import('../earlier/earlier-errors.js'))).createDrainedError(call)
}

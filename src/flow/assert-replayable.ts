import { DeliveryError } from '../errors/step-errors.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import type { Exchange } from './ports.js'
import type { Call } from './steps.js'

/**
 * Refuses a request that can't be sent a second time as it was (R5), before anything is signed for it.
 *
 * @throws {@link DeliveryError} `BODY_NOT_REPLAYABLE` or `PAYMENT_HEADER_PRESENT`; nothing was signed.
 */
export function assertReplayable(exchange: Exchange, { resource }: Call): void {
  if (!exchange.replayable) {
    throw new DeliveryError(
      'Refused to pay: the request can be sent only once, and it was: its body or headers are a stream.',
      {
        code: 'BODY_NOT_REPLAYABLE',
        money: 'untouched',
        facts: { resource },
        hint: 'Send a string, bytes, a Blob, FormData or URLSearchParams, plain headers, and a Request of the platform’s own.',
      },
    )
  }
  if (PAYMENT_HEADERS.some((name) => exchange.header(name) !== null)) {
    throw new DeliveryError('Refused to pay: the request carries a payment already.', {
      code: 'PAYMENT_HEADER_PRESENT',
      money: 'untouched',
      facts: { resource },
      hint: 'Leave the payment header to pay402, or call the unwrapped fetch.',
    })
  }
}

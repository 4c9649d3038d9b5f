import type { PaymentPayload } from '@x402/core/types'

/** A seller in this process, and what reached it. */
export type Shop<Payment = PaymentPayload> = {
  /** Reaches the shop under any address, and nothing else. */
  fetch: typeof fetch
  /** Every request, in order. */
  readonly requests: readonly Request[]
  /** Every payment that was presented, in order. */
  readonly payments: readonly Payment[]
}

/**
 * Puts a record in front of a seller.
 *
 * @param header - Where its protocol carries the payment.
 * @param answer - The seller.
 */
export function createRecorder<Payment>(
  header: 'payment-signature' | 'x-payment',
  answer: (request: Request) => Response | Promise<Response>,
): Shop<Payment> {
  const requests: Request[] = []
  const payments: Payment[] = []
  return {
    requests,
    payments,
    async fetch(input, init) {
      const request = new Request(input, init)
      requests.push(request.clone())
      const payment = request.headers.get(header)
      if (payment !== null) payments.push(JSON.parse(Buffer.from(payment, 'base64').toString()))
      const response = await answer(request)
      Object.defineProperty(response, 'url', { value: request.url })
      return response
    },
  }
}

import { paymentOf } from '../flow/payment.js'

/** What ky hands to its `beforeError` hooks: ky 1 the error, ky 2 an object around it. */
type Given = Error | { readonly error: Error }

/**
 * Gives ky's `HTTPError` of a 402 that wasn't paid our own error as its `cause`: the code, the reason, and where the money is.
 *
 * @returns The same error, as ky wants of a hook.
 */
export function explainRefusal(given: Given): Error {
  const error = given instanceof Error ? given : given.error
  const response: unknown = Reflect.get(error, 'response')
  const cause = typeof response === 'object' && response !== null ? paymentOf(response)?.error : undefined
  if (cause !== undefined && error.cause === undefined) {
    Object.defineProperty(error, 'cause', { value: cause, configurable: true, writable: true })
  }
  return error
}

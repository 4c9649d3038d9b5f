import { SigningError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import type { Call } from './steps.js'

/**
 * The error of a call that was aborted before its payment was sent.
 *
 * It has the name that callers look for (`AbortError`, `TimeoutError`), and the signal's reason as its cause.
 */
export function createAbortError({ signal, resource }: Call, money: MoneyState): SigningError {
  const reason: unknown = signal?.reason
  return new SigningError('The call was aborted before anything was sent.', {
    code: 'ABORTED',
    name: toAbortName(reason),
    money,
    facts: { resource },
    cause: reason,
  })
}

/** The name that callers expect of an abort: the reason's own, else `AbortError`. */
export function toAbortName(reason: unknown): string {
  return reason instanceof Error || reason instanceof DOMException ? reason.name : 'AbortError'
}

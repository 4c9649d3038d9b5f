import { isX402Error, type X402Error } from '../../errors/x402-error.js'
import type { Progress } from '../pay.js'

/**
 * Refusals by what is remembered alone: the price may have fallen since, the call may be free, and a 402 of the seller's own is what a caller is
 * shown. What a person or a hook refused is refused.
 */
const ASK: readonly string[] = [
  'ASSET_NOT_ALLOWED',
  'BODY_NOT_REPLAYABLE',
  'CIRCUIT_OPEN',
  'CLIENT_DRAINED',
  'FROZEN',
  'HOST_HEADER_DIFFERS',
  'HOST_NOT_ALLOWED',
  'INSECURE_TRANSPORT',
  'LIMIT_COUNT',
  'LIMIT_PER_PAYMENT',
  'LIMIT_TOTAL',
  'LIMIT_WINDOW',
  'NETWORK_NOT_ALLOWED',
  'NO_OFFERS',
  'NO_PAYABLE_OFFER',
  'PAYEE_CHANGED',
  'PAYEE_NOT_ALLOWED',
  'PAYMENT_HEADER_PRESENT',
  'REQUEST_UNFIT',
  'TAG_NOT_ALLOWED',
  'TERMS_CHANGED_WHILE_PAID',
  'TRANSPORT_MAY_REDIRECT',
]

/** Whether the seller is to be asked instead. What was signed meanwhile, and never left, isn't signed a second time by the same call. */
export function isToBeAsked(error: unknown, { hasLeft }: Progress): boolean {
  if (hasLeft || !isX402Error(error) || error.money === 'released') return false
  // What a chain couldn't be asked for may come with the seller's 402.
  return ASK.includes(error.code) || (isX402Error(error.cause) && error.cause.code.startsWith('RPC_'))
}

/** Whether the call carries a payment already. */
export function isPaidElsewhere(error: unknown): boolean {
  return isX402Error(error) && error.code === 'PAYMENT_HEADER_PRESENT'
}

/** What a call that this one joined came to: its payment has left, and no response came of it. */
const LOST: readonly string[] = ['ABORTED', 'ANSWER_LOST', 'REDIRECTED', 'REDIRECTED_ELSEWHERE']

/**
 * Whether nothing was sent, neither by this call nor by one that it joined. Its caller expects the seller's own 402 with the refusal: a library that
 * retries would take an error without one for a broken connection, and have a person asked again.
 */
export function isUnsent({ code, response }: X402Error, { hasLeft }: Progress): boolean {
  return !hasLeft && response === undefined && !LOST.includes(code)
}

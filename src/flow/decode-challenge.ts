import {
  decodeBody,
  decodeEnvelope,
  type Envelope,
  MAX_BODY_BYTES,
  PAYMENT_REQUIRED_HEADER,
} from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import type { Answer } from './ports.js'

/**
 * Decodes a 402: its header, and its body only where there is none. A header that is complete never waits for a body.
 *
 * @param answer - The 402.
 * @param readBody - Reads its text without taking it from the caller; `undefined` when it is too long or too slow.
 * @returns `undefined` when the 402 isn't x402.
 */
export async function decodeChallenge(
  answer: Pick<Answer, 'header'>,
  readBody: (maxBytes: number) => Promise<string | undefined>,
): Promise<Decoded<Envelope> | undefined> {
  const terms = answer.header(PAYMENT_REQUIRED_HEADER)?.trim()
  if (terms !== undefined && terms !== '') return decodeEnvelope(terms)
  // A page for people holds no terms.
  if (answer.header('content-type')?.includes('html')) return undefined
  const body = await readBody(MAX_BODY_BYTES)
  return body === undefined ? undefined : decodeBody(body)
}

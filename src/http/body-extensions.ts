import { decodeBody, type Envelope, MAX_BODY_BYTES } from '../wire/challenge.js'
import { freezeCopy } from '../wire/json.js'
import type { HttpResponse } from './message.js'

/** Reads a body as text without taking it from the caller; `undefined` when it is too long or too slow. */
export type ReadBody = (maxBytes: number) => Promise<string | undefined> | undefined

/**
 * Adds what the body of a 402 declares to terms that stand in its header and declare nothing; the header says everything else. Sellers are listed
 * by some of what they declare there, as the newest official client reads it, too.
 *
 * @param envelope - Of the header.
 * @param response - The 402.
 * @param readBody - Of the same response.
 * @returns The same envelope where the body can't be read or declares nothing either.
 */
export async function withExtensionsOfBody(
  envelope: Envelope,
  { header }: Pick<HttpResponse, 'header'>,
  readBody: ReadBody,
): Promise<Envelope> {
  // A page for people holds no terms.
  if (header('content-type')?.includes('json') !== true) return envelope
  const body = await readBody(MAX_BODY_BYTES)
  const decoded = body === undefined ? undefined : decodeBody(body)
  if (decoded === undefined || 'problem' in decoded || decoded.value.x402Version === 1) return envelope
  const { extensions } = decoded.value
  if (extensions === undefined) return envelope
  return { ...envelope, extensions: freezeCopy(extensions) }
}

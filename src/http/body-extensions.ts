import { decodeBody, type Envelope } from '../wire/challenge.js'
import { freezeCopy, isTooDeep } from '../wire/json.js'
import type { HttpResponse } from './message.js'

/** Shortest JSON that declares an extension next to a version: `{"x402Version":2,"extensions":{"a":{}}}`. */
const MIN_LENGTH = 37

/**
 * Whether the body of a 402 may declare extensions that its header leaves out. Only a body whose length is told is worth the wait: the official
 * sellers send `{}` or a page, and a body that comes in parts may never end.
 *
 * @param maxLength - Longer ones aren't read.
 */
export function mayDeclareMore(
  { x402Version, extensions }: Envelope,
  response: Pick<HttpResponse, 'header'>,
  maxLength: number,
): boolean {
  if (x402Version === 1 || extensions !== undefined) return false
  const length = Number(response.header('content-length') ?? 0)
  return length >= MIN_LENGTH && length <= maxLength && response.header('content-type')?.includes('json') === true
}

/** Adds what the body declares to terms that stand in a header. The header says everything else. */
export function withExtensionsOf(body: string | undefined, envelope: Envelope): Envelope {
  const decoded = body === undefined ? undefined : decodeBody(body)
  if (decoded === undefined || 'problem' in decoded || decoded.value.x402Version === 1) return envelope
  const { extensions } = decoded.value
  return extensions === undefined || isTooDeep(extensions)
    ? envelope
    : { ...envelope, extensions: freezeCopy(extensions) }
}

/**
 * Finds the boundary between the parts of a form that is a body already: it's another one each time that the same form is written, so it can't
 * name a purchase.
 *
 * @param body - Text or bytes. Whatever doesn't begin as such a form does isn't looked at any further.
 * @param contentType - Reads the header that names the boundary.
 * @returns `undefined` for any other body.
 */
export function findBoundary(
  body: string | Uint8Array<ArrayBuffer>,
  contentType: () => string | null,
): string | undefined {
  const isDashed = typeof body === 'string' ? body.startsWith('--') : body[0] === DASH && body[1] === DASH
  if (!isDashed) return undefined
  const [, quoted, plain] = BOUNDARY.exec(contentType() ?? '') ?? []
  return quoted ?? plain
}

const DASH = 0x2d

/** Source: RFC 2046, section 5.1.1. */
const BOUNDARY = /^\s*multipart\/.*;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i

/** The same bytes without the boundary. A form that had it in one of its parts couldn't be read. */
export function omitBoundary(bytes: Uint8Array<ArrayBuffer>, boundary: string): Uint8Array<ArrayBuffer> {
  const wanted = new TextEncoder().encode(boundary)
  const kept = new Uint8Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) at += wanted.length
    else kept[length++] = bytes[at++] ?? 0
  }
  return kept.slice(0, length)
}

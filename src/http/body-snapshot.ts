import { digestBody, digestBytes, digestText, type MaybePromise, whenKnown } from '../payment/digest.js'
import { findBoundary, omitBoundary } from './multipart.js'

/**
 * A body as it was when the 402 arrived. What is digested is what is sent: the bytes, whatever held them, since a seller can't tell a text
 * from a Blob either. Its content type is a header.
 */
export type BodySnapshot = {
  readonly body: BodyInit | undefined
  /** SHA-256 of its bytes in hex, of a form that of its entries; empty when there are none. */
  digest(): MaybePromise<string>
}

/**
 * Takes a body that can be sent a second time, byte for byte as the first.
 *
 * @param body - What the caller gave as `init.body`.
 * @param contentType - Reads the header of that name, which tells the boundary of a form that the caller wrote by itself.
 * @returns The snapshot, or `undefined` when the body can be read only once: a stream, or anything unknown (an async iterable
 * would send nothing the second time, without an error).
 */
export function snapshotBody(body: unknown, contentType: () => string | null = NO_TYPE): BodySnapshot | undefined {
  if (body === undefined || body === null) return { body: undefined, digest: () => '' }
  if (typeof body === 'string') return { body, digest: () => digestWire(body, contentType) }
  if (isA<ArrayBuffer>(body, 'ArrayBuffer')) return snapshotBytes(new Uint8Array(body.slice(0)), contentType)
  if (ArrayBuffer.isView(body)) {
    return snapshotBytes(new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice(), contentType)
  }
  if (isA<Blob>(body, 'Blob') || isA<Blob>(body, 'File'))
    return { body, digest: async () => digestBody(await readBlob(body)) }
  if (isA<URLSearchParams>(body, 'URLSearchParams')) {
    const copy = new URLSearchParams(body)
    return { body: copy, digest: () => digestBody(copy.toString()) }
  }
  return isForm(body) ? snapshotForm(body) : undefined
}

const NO_TYPE = () => null

/**
 * A snapshot of bytes that nobody else holds.
 *
 * @param contentType - As {@link snapshotBody} takes it.
 */
export function snapshotBytes(bytes: Uint8Array<ArrayBuffer>, contentType: () => string | null): BodySnapshot {
  return { body: bytes, digest: () => digestWire(bytes, contentType) }
}

/** A form that is a body already is digested without its boundary. */
function digestWire(body: string | Uint8Array<ArrayBuffer>, contentType: () => string | null): MaybePromise<string> {
  const boundary = findBoundary(body, contentType)
  if (boundary === undefined) return digestBody(body)
  const plain = typeof body === 'string' ? body.replaceAll(boundary, '') : omitBoundary(body, boundary)
  return whenKnown(digestBody(plain), (digest) => `${MULTIPART}${digest}`)
}

/** What the digest of such a form begins with. */
const MULTIPART = 'multipart:'

/** What the digest of a form begins with: bytes that happen to be what its entries are digested as are another body. */
const FORM = 'form:'

/** Digests entry by entry: the boundary of a multipart body changes with every send, so its bytes can't name a purchase. */
function snapshotForm(form: FormData): BodySnapshot {
  // The copy is of the given kind, since a fetch from another library reads only its own FormData.
  const copy: FormData = Reflect.construct(form.constructor, [])
  for (const [name, value] of form) {
    if (typeof value === 'string') copy.append(name, value)
    else copy.append(name, value, value.name)
  }
  return {
    body: copy,
    digest: async () => {
      const parts: string[] = ['form']
      for (const [name, value] of copy) {
        if (typeof value === 'string') parts.push(name, 'text', value)
        else parts.push(name, 'file', value.name, await digestBlob(value))
      }
      return `${FORM}${await digestText(parts)}`
    },
  }
}

async function digestBlob(blob: Blob): Promise<string> {
  return digestText(['blob', blob.type, await digestBytes(await readBlob(blob))])
}

async function readBlob(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

/** A form whose entries can be read; the package `form-data` has the same tag, but is a stream. */
function isForm(body: unknown): body is FormData {
  return isA<FormData>(body, 'FormData') && typeof body.append === 'function' && typeof body.entries === 'function'
}

/** By its tag rather than `instanceof`, so that the classes of other libraries and realms are recognized, too. */
function isA<T>(value: unknown, tag: string): value is T {
  return Object.prototype.toString.call(value) === `[object ${tag}]`
}

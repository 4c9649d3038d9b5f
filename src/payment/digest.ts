import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { INSECURE_CONTEXT } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'

/** A value that may be here already. */
export type MaybePromise<T> = T | Promise<T>

/** Most bytes that are hashed in place: for more, the platform's own digest is faster, and worth the wait. */
const MAX_AT_ONCE = 64 * 1024

/**
 * SHA-256 of some bytes, in hex. Most requests get it without waiting, since the platform's digest costs a trip to another thread.
 *
 * @throws {@link ConfigurationError} `INSECURE_CONTEXT` in a page that has no `crypto.subtle`; nothing was signed.
 */
export function digestBytes(bytes: Uint8Array<ArrayBuffer>): MaybePromise<string> {
  const subtle = globalThis.crypto?.subtle
  if (subtle === undefined && globalThis.isSecureContext === false) throw fail(INSECURE_CONTEXT)
  if (subtle === undefined || bytes.length <= MAX_AT_ONCE) return bytesToHex(sha256(bytes))
  return subtle.digest('SHA-256', bytes).then((digest) => bytesToHex(new Uint8Array(digest)))
}

/** Made with the first digest, since a platform may lack it: `assertPlatform` says so. */
let encoder: TextEncoder | undefined

function encode(text: string): Uint8Array<ArrayBuffer> {
  encoder ??= new TextEncoder()
  return encoder.encode(text)
}

/** The last text and its digest: a caller that buys the same thing again asks for the same digest. */
let last: { readonly text: string; readonly digest: string } | undefined

/** SHA-256 of several texts, in hex. Each text is preceded by its length, so no two lists give the same digest. */
export function digestText(parts: readonly string[]): MaybePromise<string> {
  const text = toOneText(parts)
  if (last?.text === text) return last.digest
  const digest = digestBytes(encode(text))
  if (typeof digest === 'string') last = { text, digest }
  return digest
}

/** The last body that was text, and its digest; as for {@link digestText}. */
let lastBody: { readonly text: string; readonly digest: string } | undefined

/** SHA-256 of a body in hex, as its bytes go over the wire; empty for an empty body, which no seller can tell from none. */
export function digestBody(body: string | Uint8Array<ArrayBuffer>): MaybePromise<string> {
  if (body.length === 0) return ''
  if (typeof body !== 'string') return digestBytes(body)
  if (lastBody?.text === body) return lastBody.digest
  const digest = digestBytes(encode(body))
  if (typeof digest === 'string') lastBody = { text: body, digest }
  return digest
}

/** As {@link digestText}, without ever waiting, and half as long: for addresses, which a ledger has many of. */
export function digestAddress(parts: readonly string[]): string {
  return bytesToHex(sha256(encode(toOneText(parts))).subarray(0, 16))
}

/** Joins texts into one, unambiguously: each is preceded by its length. */
export function toOneText(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) text += `${part.length}:${part}`
  return text
}

/**
 * Whether a value isn't here yet. By its method, since a promise may be of another realm, or no instance of a class that took the place of
 * `Promise`: test runners and zones have both. One that is taken for a value would name all requests alike.
 */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}

/** Continues with a value that may be here already; waits only when it isn't. */
export function whenKnown<T, U>(value: MaybePromise<T>, go: (known: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromise(value) ? value.then(go) : go(value)
}

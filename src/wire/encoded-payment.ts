import { encodeTextAsBase64, isAscii } from './base64.js'
import { PAYMENT_IDENTIFIER } from './extensions.js'
import { oncePerFrozen, toJson } from './frozen.js'
import { isJsonObject, type JsonObject } from './json.js'
import { PAYMENT_HEADERS, type PaymentPayload } from './payload.js'

/** A payment as it is sent. */
export type EncodedPayment = {
  /** As it was given, or shortened until it fits. */
  readonly payload: PaymentPayload
  /** What {@link EncodedPayment.header} carries in base64. */
  readonly json: string
  readonly header: string
  /** The one header that is sent, by its name. */
  readonly headers: Record<string, string>
}

/** Each field of a payment, in the order in which the official client writes them (vectors `http-v1-envelope`, `http-v2-envelope`). */
const FIELDS = {
  x402Version: '"x402Version":',
  scheme: '"scheme":',
  network: '"network":',
  payload: '"payload":',
  extensions: '"extensions":',
  resource: '"resource":',
  accepted: '"accepted":',
} satisfies Record<keyof PaymentPayload, string>

const NAMES = /* @__PURE__ */ Object.keys(FIELDS) as readonly (keyof PaymentPayload)[] // the keys of the object above

/**
 * Writes a payment as the header that the seller reads, and shortens its echo only where the header that was written is too long.
 *
 * Parts that are frozen for good are put in as they were written before: the entry, the resource and the extensions of a remembered 402, and
 * what the scheme signed after `toPlainObject`, whose text is the very one that was read back.
 *
 * @param payment - What is signed in it, and its echo.
 * @param answered - Names the extensions that were added to, which stay; asked only where something must go.
 */
export function encodePayment(payment: PaymentPayload, answered: () => ReadonlySet<string>): EncodedPayment {
  const whole = encodeWhole(payment)
  const encoded = whole.header.length <= MAX_PAYMENT_HEADER ? whole : encodeWhole(fitEcho(payment, answered))
  written.set(encoded.payload, encoded.headers)
  return encoded
}

/** Headers of payments that were written here, for when they are sent: of what is presented again later they are written again. */
const written = new WeakMap<PaymentPayload, Readonly<Record<string, string>>>()

/** The one header by which a payment is sent. */
export function toPaymentHeaders(payment: PaymentPayload): Readonly<Record<string, string>> {
  return written.get(payment) ?? encodeWhole(payment).headers
}

function encodeWhole(payload: PaymentPayload): EncodedPayment {
  const json = writeJson(payload)
  const header = encodeTextAsBase64(json)
  const name = payload.x402Version === 1 ? PAYMENT_HEADERS[1] : PAYMENT_HEADERS[0]
  return { payload, json, header, headers: { [name]: header } }
}

function writeJson(payment: PaymentPayload): string {
  let json = ''
  for (const name of NAMES) {
    const value = payment[name]
    if (value === undefined) continue
    const text = value === 1 || value === 2 ? String(value) : toJson(value)
    if (text !== undefined) json += `${json === '' ? '{' : ','}${FIELDS[name]}${text}`
  }
  return `${json}}`
}

/**
 * Longest payment header that is sent, in characters: what nginx takes for one line (`large_client_header_buffers`, 8 KiB); Node takes
 * 16 KiB for all headers of a request.
 */
export const MAX_PAYMENT_HEADER = 8 * 1024

/** Room that is left for what the scheme signs, in bytes of JSON: a sponsored Permit2 payment takes 1.3 kB. */
const PAYLOAD_ROOM = 2048

/** Most bytes of JSON that fit into the header, which is base64. */
const MAX_BYTES = (MAX_PAYMENT_HEADER / 4) * 3

/** Whether an entry of `accepts` can be sent back, which sellers insist on: decided before anything is signed. */
export function fitsBack(entry: JsonObject): boolean {
  return measureEntry(entry) <= MAX_BYTES - PAYLOAD_ROOM
}

const measureEntry = /* @__PURE__ */ oncePerFrozen((entry: JsonObject) => sizeOf(entry))

/**
 * Shortens the echo of a 402 until the payment fits into a header that sellers take. Nothing that is signed is touched, and nothing is
 * changed that stays: first go the schemas, which no seller compares, then what the resource says beside its
 * address, then the largest extensions that nobody here answers. Where the entry leaves no room for the rest, an answered extension keeps its
 * `info` alone; then the address goes, and at last the name of the payment.
 *
 * Source: `@x402/core` 2.27, where an extension may be left out of the echo, and what is echoed must hold the seller's `info`.
 *
 * @param payment - As it would be sent.
 * @param answered - Names the extensions that were added to, which stay; asked only where something must go.
 */
export function fitEcho(payment: PaymentPayload, answered: () => ReadonlySet<string>): PaymentPayload {
  let fitted = payment
  const unanswered = withoutUnanswered(answered)
  const steps = [withoutSchemas, withoutDescription, unanswered, withoutAsides, withoutResource, withoutName]
  for (const shorten of steps) {
    if (sizeOf(fitted) <= MAX_BYTES) return fitted
    fitted = shorten(fitted)
  }
  return fitted
}

function withoutSchemas(payment: PaymentPayload): PaymentPayload {
  return withMembers(payment, (name) => name !== 'schema')
}

function withoutAsides(payment: PaymentPayload): PaymentPayload {
  return withMembers(payment, (name) => name === 'info')
}

function withMembers(payment: PaymentPayload, isKept: (name: string) => boolean): PaymentPayload {
  const entries = Object.entries(payment.extensions ?? {}).map(([key, extension]) => {
    if (!isJsonObject(extension)) return [key, extension]
    return [key, Object.fromEntries(Object.entries(extension).filter(([name]) => isKept(name)))]
  })
  return withExtensions(payment, Object.fromEntries(entries))
}

function withoutUnanswered(answered: () => ReadonlySet<string>) {
  return (payment: PaymentPayload): PaymentPayload => {
    const stay = answered()
    const droppable = Object.entries(payment.extensions ?? {}).filter(([key]) => !stay.has(key))
    const dropped = new Set<string>()
    let excess = sizeOf(payment) - MAX_BYTES
    for (const [key, value] of droppable.sort(([, a], [, b]) => sizeOf(b) - sizeOf(a))) {
      if (excess <= 0) break
      dropped.add(key)
      excess -= sizeOf(value)
    }
    const kept = Object.entries(payment.extensions ?? {}).filter(([key]) => !dropped.has(key))
    return withExtensions(payment, Object.fromEntries(kept))
  }
}

function withoutDescription(payment: PaymentPayload): PaymentPayload {
  const { resource, ...rest } = payment
  const url = resource?.['url']
  return typeof url === 'string' && sizeOf(url) <= MAX_BYTES / 4 ? { ...rest, resource: { url } } : rest
}

function withoutResource({ resource: _resource, ...payment }: PaymentPayload): PaymentPayload {
  return payment
}

/** A seller may say so much about the name that it wants, that the name would cost the payment. */
function withoutName(payment: PaymentPayload): PaymentPayload {
  const { [PAYMENT_IDENTIFIER]: _name, ...extensions } = payment.extensions ?? {}
  return withExtensions(payment, extensions)
}

function withExtensions(payment: PaymentPayload, extensions: Record<string, unknown>): PaymentPayload {
  if (payment.extensions === undefined) return payment
  if (Object.keys(extensions).length > 0) return { ...payment, extensions }
  const { extensions: _none, ...rest } = payment
  return rest
}

/** Bytes of a value as JSON in UTF-8. */
function sizeOf(value: unknown): number {
  const json = toJson(value) ?? ''
  return isAscii(json) ? json.length : new TextEncoder().encode(json).length
}

import { encodeTextAsBase64 } from './base64.js'
import { fitEcho, MAX_PAYMENT_HEADER } from './fit-echo.js'
import { toJson } from './frozen.js'
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
  const written = encodeWhole(payment)
  return written.header.length <= MAX_PAYMENT_HEADER ? written : encodeWhole(fitEcho(payment, answered))
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

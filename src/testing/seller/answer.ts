import { encodeTextAsBase64 } from '../../wire/base64.js'
import { PAYMENT_REQUIRED_HEADER } from '../../wire/challenge.js'
import type { JsonObject } from '../../wire/json.js'
import { PAYMENT_HEADERS } from '../../wire/payload.js'
import { RECEIPT_HEADERS } from '../../wire/receipt.js'

/** What a request is answered with; or nothing, and the connection is closed. */
export type Answered = { readonly response: Response; readonly hidesHeaders: boolean } | 'closed'

/** Headers that pages of other origins may read. */
const EXPOSED = [PAYMENT_REQUIRED_HEADER, ...RECEIPT_HEADERS].join(', ')
/** Headers that they may send, and that a test is likely to. */
const ALLOWED = [...PAYMENT_HEADERS, 'authorization', 'content-type', 'idempotency-key', 'x-api-key'].join(', ')

/** What CORS lets a page read without leave. Source: Fetch standard, "CORS-safelisted response-header name". */
const SAFELISTED = [
  'cache-control',
  'content-language',
  'content-length',
  'content-type',
  'expires',
  'last-modified',
  'pragma',
]

/** Answers a browser that asks whether it may send a payment. */
export function preflight(): Answered {
  const headers = { 'access-control-allow-methods': '*', 'access-control-allow-headers': ALLOWED }
  return finish(new Response(null, { status: 204, headers }))
}

/** Finishes an answer: pages of any origin may read it. */
export function finish(response: Response): Exclude<Answered, 'closed'> {
  response.headers.set('access-control-allow-origin', '*')
  response.headers.set('access-control-expose-headers', EXPOSED)
  return { response, hidesHeaders: false }
}

/** Takes the leave to read its headers from an answer. */
export function hideHeaders(answered: Answered): Answered {
  if (answered === 'closed') return answered
  answered.response.headers.delete('access-control-expose-headers')
  return { ...answered, hidesHeaders: true }
}

/** A 402, as it is written for one request. */
export type Asking = {
  readonly x402Version: 1 | 2
  readonly error: string
  readonly entries: readonly JsonObject[]
  readonly extensions: JsonObject | undefined
  readonly description: string
}

/** Asks for a payment. */
export function askFor({ x402Version, error, entries, extensions, description }: Asking, { url }: Request): Response {
  if (x402Version === 1) return askWith(JSON.stringify({ x402Version, error, accepts: entries }), x402Version)
  const resource = { url, description, mimeType: 'application/json' }
  const required = { x402Version, error, resource, accepts: entries, ...(extensions && { extensions }) }
  return askWith(JSON.stringify(required), x402Version)
}

/** Asks with these terms, whatever they are: in a header in protocol 2, in the body in protocol 1. */
export function askWith(terms: string, x402Version: 1 | 2): Response {
  const headers = { 'content-type': 'application/json' }
  if (x402Version === 1) return new Response(terms, { status: 402, headers })
  return new Response('{}', {
    status: 402,
    headers: { ...headers, [PAYMENT_REQUIRED_HEADER]: encodeTextAsBase64(terms) },
  })
}

/** Adds a receipt to a response. */
export function withReceipt({ body, status, headers }: Response, x402Version: 1 | 2, receipt: string): Response {
  const received = new Response(body, { status, headers })
  received.headers.set(RECEIPT_HEADERS[x402Version === 1 ? 1 : 0], receipt)
  return received
}

/** Makes the response of what a script says is sold. */
export async function toResponse(answer: unknown, request: Request): Promise<Response> {
  const said: unknown = typeof answer === 'function' ? await answer(request.clone()) : answer
  // One response serves every call.
  if (said instanceof Response) return new Response(said.clone().body, said)
  if (typeof said === 'string') return new Response(said, { headers: { 'content-type': 'text/plain' } })
  return new Response(JSON.stringify(said), { headers: { 'content-type': 'application/json' } })
}

/** What a page of another origin is shown of an answer that hides its headers. */
export function asPageSees({ response, hidesHeaders }: Exclude<Answered, 'closed'>): Response {
  if (!hidesHeaders) return response
  const seen = new Response(response.body, { status: response.status })
  seen.headers.delete('content-type')
  for (const name of SAFELISTED) {
    const value = response.headers.get(name)
    if (value !== null) seen.headers.set(name, value)
  }
  Object.defineProperty(seen, 'type', { value: 'cors' })
  return seen
}

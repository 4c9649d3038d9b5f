import { CHALLENGE_REDIRECTED, CHALLENGE_REDIRECTED_WITH_BODY } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import { type MaybePromise, whenKnown } from '../payment/digest.js'
import type { Exchange, TermsOrFree } from '../payment/exchange.js'
import { loadPart } from '../payment/part.js'
import type { Ports, Trust } from '../payment/ports.js'
import {
  decodeBody,
  decodeEnvelope,
  type Envelope,
  MAX_BODY_BYTES,
  PAYMENT_REQUIRED_HEADER,
} from '../wire/challenge.js'
import { readUrl } from '../wire/host.js'
import type { Decoded } from '../wire/json.js'
import { isSameOrigin, toDisplayUrl } from '../wire/resource-url.js'
import { cite } from '../wire/seller-text.js'
import type { ReadBody } from './body-extensions.js'
import { type HttpRequest, type HttpResponse, isAged, isSafeMethod, toResource } from './message.js'

/** How terms are read: by which wrapper, and from where. */
export type ReadOptions<Native> = {
  /** Makes the exchange of a request. */
  show(request: HttpRequest<Native>): Exchange<Native>
  /** Whether terms from a cache will do. */
  readonly asItIs: boolean
}

/**
 * Reads the terms of a 402. Terms that came from a cache are asked for once more.
 *
 * @returns See {@link Exchange.read}.
 * @throws {@link ChallengeError} when they came from another address than the one that was called, or from a cache twice; nothing was signed.
 */
export function readTerms<Native>(
  request: HttpRequest<Native>,
  options: ReadOptions<Native>,
  ports: Pick<Ports, 'trust' | 'warn'>,
): MaybePromise<TermsOrFree<Native>> {
  const decoding = decodeTerms(request.response, (maxBytes) => request.response.readBody?.(maxBytes), true)
  return whenKnown(decoding, (terms) => toRead(request, terms, options, ports))
}

function toRead<Native>(
  request: HttpRequest<Native>,
  terms: Decoded<Envelope> | undefined,
  options: ReadOptions<Native>,
  ports: Pick<Ports, 'trust' | 'warn'>,
): MaybePromise<TermsOrFree<Native>> {
  if (terms === undefined) {
    if (request.response.filtered) warnOfCors(request, ports)
    return { free: request.response.native }
  }
  const url = readAskingUrl(request, ports.trust)
  if (options.asItIs || !isAged(request.response)) return { url, terms, exchange: options.show(request) }
  return loadPart(import('./stale-terms.js')).then(({ askPastCaches }) =>
    askPastCaches(request, url, (fresh) => readTerms(fresh, options, ports)),
  )
}

/**
 * Decodes the terms of a 402: its header, or its body if it has no such header. A header waits for a body only if that is there whole and
 * may declare extensions that the header leaves out.
 *
 * @param readBody - Of the same response.
 * @param isToBePaid - Whether what it declares is sent back.
 * @returns `undefined` when the 402 isn't x402.
 */
export function decodeTerms(
  response: Pick<HttpResponse, 'header'>,
  readBody: ReadBody,
  isToBePaid = false,
): MaybePromise<Decoded<Envelope> | undefined> {
  const terms = response.header(PAYMENT_REQUIRED_HEADER)?.trim()
  if (terms !== undefined && terms !== '') {
    const decoded = decodeEnvelope(terms)
    return isToBePaid && 'value' in decoded && mayDeclareMore(decoded.value, response)
      ? addExtensions(decoded.value, response, readBody)
      : decoded
  }
  // A page for people holds no terms.
  if (response.header('content-type')?.includes('html')) return undefined
  const reading = readBody(MAX_BODY_BYTES)
  return reading?.then((body) => (body === undefined ? undefined : decodeBody(body)))
}

/** Shortest JSON that declares an extension next to a version: `{"x402Version":2,"extensions":{"a":{}}}`. */
const MIN_LENGTH = 37

/**
 * Whether the body may declare extensions that the header leaves out. Only one whose length is told is worth the wait: official sellers send
 * `{}` or a page, and a body that comes in parts may never end.
 */
function mayDeclareMore({ x402Version, extensions }: Envelope, { header }: Pick<HttpResponse, 'header'>): boolean {
  return x402Version !== 1 && extensions === undefined && Number(header('content-length')) >= MIN_LENGTH
}

async function addExtensions(
  envelope: Envelope,
  response: Pick<HttpResponse, 'header'>,
  readBody: ReadBody,
): Promise<Decoded<Envelope>> {
  const { withExtensionsOfBody } = await loadPart(import('./body-extensions.js'))
  return { value: await withExtensionsOfBody(envelope, response, readBody) }
}

/** Reads where the payment will go: the address that asked, which isn't the one that was called after a redirect. */
function readAskingUrl({ method, url: called, response }: HttpRequest, { allowRedirectedOrigin }: Trust): string {
  const { url } = response
  // An address that isn't absolute is refused where the call is described.
  const asked = url === undefined || url === called ? undefined : readUrl(called)
  if (url === undefined || asked === undefined) return called
  const answered = new URL(url)
  asked.hash = ''
  answered.hash = ''
  if (asked.href === answered.href) return called
  const isSafe = isSafeMethod(method)
  if (isSafe && (allowRedirectedOrigin || isSameOrigin(asked, answered))) return url
  const facts = { asked: `${asked.origin}${asked.pathname}`, 'answered by': cite(toDisplayUrl(answered)) }
  throw fail(isSafe ? CHALLENGE_REDIRECTED : CHALLENGE_REDIRECTED_WITH_BODY, { facts })
}

/** A browser doesn't say whether it hides any headers, so this is a guess, and the caller gets the 402 anyway. */
function warnOfCors({ method, url }: HttpRequest, ports: Pick<Ports, 'warn'>): void {
  ports.warn({
    code: 'TERMS_HIDDEN_BY_CORS',
    message: `The 402 of ${toResource(method, url)} came from another origin, without terms that this page can read. If the seller means x402, CORS may hide them: it has to send \`Access-Control-Expose-Headers: PAYMENT-REQUIRED, PAYMENT-RESPONSE\` with its responses, and \`Access-Control-Allow-Headers: PAYMENT-SIGNATURE\` with its response to OPTIONS.`,
  })
}

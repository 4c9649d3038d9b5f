import { REDIRECT_OUT_OF_SIGHT } from '../errors/catalogue/reach.js'
import { fail } from '../errors/fail.js'
import { abortable } from '../payment/abort.js'
import { isPromise, type MaybePromise } from '../payment/digest.js'
import { readUrl, toHost } from '../wire/host.js'
import { toDisplayUrl } from '../wire/resource-url.js'
import { cancelBody } from './body-stream.js'
import { createFetchError, type Hop, MAX_REDIRECTS, NO_BODY, RELATIVE, readRedirect } from './redirect.js'
import { isOneShotHeaders } from './request-headers.js'
import { toInit } from './request-members.js'

/** A request of fetch that may go only where its client may ask. */
export type BoundedRequest = {
  readonly fetch: typeof globalThis.fetch
  readonly input: RequestInfo | URL
  readonly init: RequestInit | undefined
  /** The body of a `Request` once more, where it was kept. */
  readonly kept?: { read(): Promise<Uint8Array<ArrayBuffer>>; cancel?(): void } | undefined
  /** Whether a body that wasn't kept may be, until the response is here. @default 'request' */
  readonly replay?: 'request' | 'never' | undefined
}

/** Throws where an address is out of reach. */
export type AssertReach = (url: URL) => MaybePromise<unknown>

/**
 * Sends a request as `fetch` does, and asserts each address before it is asked: redirects are followed one by one, by the rules of the Fetch
 * standard.
 *
 * Browsers hide where a redirect leads. There GET and HEAD are sent once more for the platform to follow, and what comes from out of reach isn't
 * handed over.
 *
 * @param assert - Of the client.
 * @returns The last response.
 * @throws {@link LimitError} `HOST_OUT_OF_REACH`, and what `fetch` throws; nothing was signed.
 */
export async function fetchWithinReach(request: BoundedRequest, assert: AssertReach): Promise<Response> {
  const init: RequestInit = { ...request.init }
  // An iterator would be empty the second time.
  if (init.headers && isOneShotHeaders(init.headers)) init.headers = [...(init.headers as Iterable<[string, string]>)]
  const { kept = keepBody(request) } = request
  try {
    return await start({ ...request, init, kept }, assert)
  } finally {
    // What the door keeps is the door's to let go of.
    if (kept !== request.kept) kept?.cancel?.()
  }
}

/** Sending uses up the body of a `Request`. */
function keepBody({ input, init, replay }: BoundedRequest): BoundedRequest['kept'] {
  if (!(input instanceof Request) || input.body == null || input.bodyUsed || replay === 'never') return undefined
  if (init?.body != null) return undefined
  const copy = input.clone()
  return {
    read: async () => new Uint8Array(await copy.arrayBuffer()),
    cancel: () => cancelBody(copy.body),
  }
}

async function start(request: BoundedRequest, assert: AssertReach): Promise<Response> {
  const { fetch, input, init } = request
  const asked = input instanceof Request ? input : undefined
  const check = createCheck(assert, init?.signal ?? asked?.signal)
  const start = readStart(input)
  // A fetch that is made of something else may read what the platform's URL doesn't.
  if (start === undefined) throw createFetchError('the address can not be read')
  if (start.host !== RELATIVE.host) await check(start)
  if ((init?.redirect ?? asked?.redirect ?? 'follow') !== 'follow') return hand(await fetch(input, init), start, check)
  const response = await fetch(input, { ...init, redirect: 'manual' })
  if (response.type === 'opaqueredirect') return followOutOfSight(request, start, check)
  const url = readUrl(response.url) ?? start ?? RELATIVE
  return follow(request, { response, hop: toHop(request, url), check, start })
}

function readStart(input: RequestInfo | URL): URL | undefined {
  // Of another library's request, what it calls its address.
  const given: unknown = typeof input === 'object' ? Reflect.get(input, 'url') : undefined
  const text = typeof given === 'string' ? given : String(input)
  return readUrl(text, globalThis.location?.href) ?? readUrl(text, RELATIVE)
}

/** Asserts an address, for no longer than the caller's signal allows. */
function createCheck(assert: AssertReach, signal: AbortSignal | null | undefined): AssertReach {
  return (url) => {
    const asserting = assert(url)
    return isPromise(asserting) ? abortable(asserting, signal ?? undefined) : asserting
  }
}

type Following = {
  readonly response: Response
  readonly hop: Hop
  readonly check: AssertReach
  readonly start: URL | undefined
}

async function follow(request: BoundedRequest, { response: first, hop: firstHop, check, start }: Following) {
  let [response, hop] = [first, firstHop]
  for (let redirects = 0; ; redirects++) {
    const { status, headers } = response
    let next: Hop | undefined
    try {
      next = readRedirect({ status, headers: { location: headers.get('location') } }, hop)
      if (next !== undefined && redirects === MAX_REDIRECTS) throw createFetchError('there are too many redirects')
      if (next !== undefined) await check(next.url)
    } catch (error) {
      cancelBody(response.body)
      throw error
    }
    if (next === undefined)
      return redirects === 0 ? hand(response, start, check) : hand(toFollowed(response, hop), hop.url, check)
    cancelBody(response.body)
    hop = next
    response = await sendHop(request, hop)
  }
}

async function sendHop({ fetch, input, init }: BoundedRequest, { url, method, headers, body }: Hop): Promise<Response> {
  const sent = await body.read()
  const members = input instanceof Request ? toInit(input) : {}
  const { body: _body, ...given } = init ?? {}
  return fetch(url.href, { ...members, ...given, method, headers, redirect: 'manual', ...(sent && { body: sent }) })
}

function toHop({ input, init, kept }: BoundedRequest, url: URL): Hop {
  const { method, headers, body } = typeof input === 'object' ? (input as Request) : ({} as Partial<Request>)
  return {
    url,
    method: (init?.method ?? method ?? 'GET').toUpperCase(),
    headers: new Headers(init?.headers ?? headers),
    body: toBody(init?.body, kept, body != null),
  }
}

function toBody(given: RequestInit['body'], kept: BoundedRequest['kept'], isInRequest: boolean): Hop['body'] {
  if (given != null) return { isOneShot: isOneShotBody(given), read: () => given }
  let bytes: Promise<Uint8Array<ArrayBuffer>> | undefined
  if (kept !== undefined) return { isOneShot: false, read: () => (bytes ??= kept.read()) }
  return isInRequest ? { ...NO_BODY, isOneShot: true } : NO_BODY
}

/** All else that fetch takes can be read again. */
function isOneShotBody(body: BodyInit): boolean {
  const kinds = [ArrayBuffer, Blob, FormData, URLSearchParams]
  return typeof body !== 'string' && !ArrayBuffer.isView(body) && !kinds.some((kind) => body instanceof kind)
}

/** As the platform would have handed it over. */
function toFollowed(response: Response, { url }: Hop): Response {
  Object.defineProperty(response, 'redirected', { value: true })
  // A made-up response says no address, and its terms would be taken for those of the first.
  if (response.url === '') Object.defineProperty(response, 'url', { value: url.href.replace(/#.*$/, '') })
  return response
}

/** A fetch that follows redirects whatever it is told, as one of XMLHttpRequest does, is seen to only when it is done. */
async function hand(response: Response, asked: URL | undefined, check: AssertReach): Promise<Response> {
  const url = readUrl(response.url)
  if (url === undefined || (url.protocol === asked?.protocol && url.host === asked.host)) return response
  try {
    await check(url)
  } catch (error) {
    cancelBody(response.body)
    throw error
  }
  return response
}

async function followOutOfSight(
  request: BoundedRequest,
  start: URL | undefined,
  check: AssertReach,
): Promise<Response> {
  const { fetch, input, init } = request
  const { method } = toHop(request, start ?? RELATIVE)
  if (method === 'GET' || method === 'HEAD') {
    return hand(await fetch(input, { ...init, redirect: 'follow' }), start, check)
  }
  const facts = start && { host: toHost(start), resource: toDisplayUrl(start) }
  throw fail(REDIRECT_OUT_OF_SIGHT, { words: { host: facts?.host ?? 'this address' }, facts })
}

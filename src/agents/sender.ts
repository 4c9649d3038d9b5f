import type { ToolSettings } from './options.js'

/** Sends requests with the operator's headers, and takes secrets out of what comes back. */
export type Sender = {
  readonly fetch: typeof globalThis.fetch
  /** Takes out what only the operator and the seller may know: the operator's headers and payments, as a server may echo them. */
  redact(text: string): string
}

/** What stands for a secret. */
const REMOVED = '[removed by pay402]'

/** Shortest header that is worth hiding: taking out every `1` would spoil the text. */
const MIN_SECRET = 6

/** Payments that are remembered for {@link Sender.redact}, with what is signed in them. */
const MOST_PAYMENTS = 64

const PAYMENT_HEADERS = ['payment-signature', 'x-payment']

/** What is signed, inside a payment: 64 or more digits of hex, or as much of base64 or base58. */
const SIGNED = /(?:0x)?[0-9a-fA-F]{64,}|[A-Za-z0-9+/_-]{86,}={0,2}/g

/** Most redirects that are followed. Source: the Fetch standard, "HTTP-redirect fetch". */
const MAX_REDIRECTS = 20

/**
 * Creates what sends the requests of a set of tools.
 *
 * @param settings - The operator's `fetch`, and its headers by host.
 */
export function createSender({ fetch, headers }: Pick<ToolSettings, 'fetch' | 'headers'>): Sender {
  const own = Object.values(headers).flatMap((of) => Object.values(of).flatMap(toSecrets))
  const payments: (readonly string[])[] = []
  const note = (init: RequestInit | undefined) => {
    const sent = new Headers(init?.headers)
    for (const name of PAYMENT_HEADERS) {
      const value = sent.get(name)
      if (value !== null && payments.push([value, ...listSigned(value)]) > MOST_PAYMENTS) payments.shift()
    }
  }
  const send = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    note(init)
    if (Object.keys(headers).length === 0 || input instanceof Request) return fetch(input, init)
    return sendWithHeaders({ fetch, headers }, String(input), init)
  }
  return {
    fetch: send,
    redact(text) {
      let left = text
      for (const secret of [...own, ...payments.flat()]) left = left.replaceAll(secret, REMOVED)
      return left
    },
  }
}

/**
 * Adds the headers of the host that is asked, at each step of a redirect: the platform would carry them on to any other host.
 *
 * @throws What `fetch` throws.
 */
async function sendWithHeaders(
  { fetch, headers }: Pick<ToolSettings, 'fetch' | 'headers'>,
  address: string,
  init: RequestInit | undefined,
): Promise<Response> {
  let url = address
  let asked: RequestInit = { ...init }
  for (let step = 0; ; step++) {
    const response = await fetch(url, {
      ...asked,
      headers: addHeaders(asked.headers, headers, url),
      redirect: 'manual',
    })
    const to = init?.redirect === 'manual' ? undefined : readRedirect(response, url)
    if (to === undefined) return response
    if (init?.redirect === 'error' || step === MAX_REDIRECTS) throw new TypeError('The server redirects.')
    await response.body?.cancel()
    asked = toRedirected(asked, response.status)
    url = to
  }
}

function addHeaders(own: RequestInit['headers'], headers: ToolSettings['headers'], url: string): Headers {
  const all = new Headers(own)
  const added = URL.canParse(url) ? headers[toPlace(new URL(url))] : undefined
  for (const [name, value] of Object.entries(added ?? {})) all.set(name, value)
  return all
}

/** By which the headers of an address are found: its host, with `http://` where anyone in between reads what is sent. */
function toPlace({ protocol, host, hostname }: URL): string {
  const isPlain = protocol !== 'https:' && !/^(?:(?:.+\.)?localhost|127\.[0-9.]+|\[::1\])$/.test(hostname)
  return isPlain ? `${protocol}//${host}` : host
}

/** Where a redirect leads; `undefined` for what isn't one. */
function readRedirect({ status, headers }: Response, url: string): string | undefined {
  const location = headers.get('location')
  if (location === null || ![301, 302, 303, 307, 308].includes(status) || !URL.canParse(location, url)) return undefined
  return new URL(location, url).href
}

/** As platforms do: what was a POST is a GET after a 303, and after a 301 or 302. Source: the Fetch standard. */
function toRedirected(asked: RequestInit, status: number): RequestInit {
  const method = (asked.method ?? 'GET').toUpperCase()
  const becomesGet = status === 303 ? method !== 'HEAD' && method !== 'GET' : status < 303 && method === 'POST'
  if (!becomesGet) return asked
  const { body: _body, ...rest } = asked
  const headers = new Headers(asked.headers)
  for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) headers.delete(name)
  return { ...rest, method: 'GET', headers }
}

/** A header as a server may echo it: whole, without its scheme, decoded, and as JSON or a URL would have it. */
function toSecrets(value: string): string[] {
  const bare = value.replace(/^(?:bearer|basic|token)\s+/i, '')
  const decoded = /^basic\s/i.test(value) ? decodeBase64(bare) : ''
  const spelled = [value, bare, decoded].flatMap((one) => [
    one,
    encodeURIComponent(one),
    JSON.stringify(one).slice(1, -1),
  ])
  return [...new Set(spelled)].filter((one) => one.length >= MIN_SECRET).sort((a, b) => b.length - a.length)
}

/** What is signed in a payment, as a server could write it out. */
function listSigned(header: string): string[] {
  const found: readonly string[] = decodeBase64(header).match(SIGNED) ?? []
  return found.flatMap((one) => [one, one.replace(/^0x/, '')])
}

function decodeBase64(text: string): string {
  try {
    return atob(text)
  } catch {
    return '' // then there is nothing inside that could be echoed
  }
}

import { paymentOf } from '../payment/summary.js'
import { readUrl } from '../wire/host.js'
import { isJsonObject } from '../wire/json.js'
import { isSameOrigin } from '../wire/resource-url.js'
import { PAYMENT_META } from './unpaid.js'
import { noteBelow } from './watched-transport.js'

/** Redirects within the origin that are followed with a payment. */
const MAX_REDIRECTS = 3

/** How a payment looks in the body of a request, whatever stands around it. */
const WRITTEN = JSON.stringify(PAYMENT_META)

type Fetch = typeof globalThis.fetch

/** A fetch that pays by itself adds nothing to a payment over MCP. Any other knows no such member. */
const PAID = { x402: { max: '$0' } }

/** What was put in place of a transport's own fetch. */
const guarded = new WeakSet<object>()

/** Transports of which another origin has answered a request, and those whose own fetch pays. */
const diverted = new WeakSet<object>()

/** Transports that are kept within their origin whatever they carry. */
const bounded = new WeakSet<object>()

/**
 * Keeps a transport over HTTP from carrying a payment to another origin by a redirect. Servers that redirect within their origin, as many do for
 * a slash at the end, are paid all the same; requests without a payment are sent as ever. A server that asks to be paid over HTTP as well is paid
 * in one of the two ways, though the transport was given a fetch that pays.
 *
 * The newest versions of both SDKs do the same unless told to follow; earlier ones follow anywhere.
 *
 * @param transport - Of a connected client. One that has no fetch to replace is left alone.
 * @param options - `always`: from now on, requests without a payment follow no redirect to another origin either, since who asks may not ask there.
 */
export function guardTransport(transport: unknown, { always = false }: { always?: boolean } = {}): void {
  // Both SDKs read it again for each request; a transport that isn't over HTTP has no such field.
  if (typeof transport !== 'object' || transport === null || !('_fetch' in transport)) return
  if (always) bounded.add(transport)
  const own: unknown = transport._fetch
  if (typeof own === 'function' ? guarded.has(own) : own !== undefined) return
  // Only a fetch that pays has a `quote`.
  if (typeof own === 'function' && 'quote' in own) diverted.add(transport)
  const base = (own as Fetch | undefined) ?? ((...args: Parameters<Fetch>) => globalThis.fetch(...args)) // asserted above
  const guard: Fetch = async (input, init) => {
    const isPaid = carriesPayment(init)
    const isBounded = isPaid || (bounded.has(transport) && init?.method === 'POST')
    const response = await (isBounded
      ? sendWithin(base, input, isPaid ? { ...init, ...PAID } : init)
      : base(input, init))
    if (paymentOf(response) !== undefined) noteDiverted({ isPaidBelow: true })
    if (isElsewhere(response, input)) noteDiverted({ isElsewhere: true })
    return response

    function noteDiverted(below: Parameters<typeof noteBelow>[2]): void {
      if (init?.method === 'POST') diverted.add(transport as object) // asserted above
      noteBelow(transport as object, init?.body, below)
    }
  }
  guarded.add(guard)
  Reflect.set(transport, '_fetch', guard)
}

/** Whether a guarded transport is known to lead elsewhere, or to pay by its own fetch. */
export function isDiverted(transport: object): boolean {
  return diverted.has(transport)
}

function isElsewhere({ redirected, url }: Response, input: RequestInfo | URL): boolean {
  return redirected && !isSameOrigin(new URL(input instanceof Request ? input.url : input), new URL(url))
}

function carriesPayment(init: unknown): boolean {
  return isJsonObject(init) && typeof init['body'] === 'string' && init['body'].includes(WRITTEN)
}

/** A redirect that leads elsewhere is returned as it is: the SDK fails, and the payment is lost at most. */
async function sendWithin(base: Fetch, input: RequestInfo | URL, init: RequestInit | undefined): Promise<Response> {
  let url = input instanceof Request ? input.url : String(input)
  for (let followed = 0; ; followed++) {
    const response = await base(followed === 0 ? input : url, { ...init, redirect: 'manual' })
    const isKept = response.status === 307 || response.status === 308
    const target = isKept ? readUrl(response.headers.get('location') ?? '', url) : undefined
    if (target === undefined || followed === MAX_REDIRECTS || !isSameOrigin(new URL(url), target)) return response
    await response.body?.cancel()
    url = target.href
  }
}

import { INSECURE_TRANSPORT, RESOURCE_MISMATCH } from '../errors/catalogue/challenge.js'
import { fail } from '../errors/fail.js'
import type { Call } from '../payment/call.js'
import type { Ports } from '../payment/ports.js'
import type { Selected } from '../payment/steps.js'
import type { Envelope } from '../wire/challenge.js'
import { isLocal, readUrl, toHostname } from '../wire/host.js'
import { isJsonObject, type JsonObject } from '../wire/json.js'
import { isLoopback } from '../wire/resource-url.js'
import { cite, toSellerText } from '../wire/seller-text.js'

/**
 * Asserts that no one in between could have written the terms, or could take the payment.
 *
 * @throws {@link ChallengeError} `INSECURE_TRANSPORT`; nothing was signed.
 */
export function assertSecure({ url, resource }: Call, { trust }: Pick<Ports, 'trust'>): void {
  // Without an address it is unknown how the 402 came; limits that depend on the host refuse.
  if (url === undefined || !PLAIN.includes(url.protocol) || isLoopback(url) || trust.allowPlainHttp) return
  throw fail(INSECURE_TRANSPORT, { facts: { resource } })
}

/** Protocols that anyone in between reads and writes: HTTP, and the WebSocket that begins with it. */
const PLAIN = ['http:', 'ws:']

/**
 * Compares the resource that the terms name with the address that asked. A seller may name a host that isn't its own, but which host is paid,
 * and whose limits count, never depends on it; so it is a warning, unless the client is strict.
 *
 * @throws {@link ChallengeError} `RESOURCE_MISMATCH` under `strictResource`; nothing was signed.
 */
export function assertOwnResource({ challenge, offer }: Selected, ports: Pick<Ports, 'trust' | 'warn'>): void {
  const { call, envelope } = challenge
  if (call.url === undefined || isLocal(call.url)) return // nothing to compare with
  const named = readNamedHost(envelope, offer.entry, call.url, call.method)
  if (named === undefined || named === toHostname(call.url)) return
  if (ports.trust.strictResource) {
    throw fail(RESOURCE_MISMATCH, { facts: { resource: call.resource, 'host named by the terms': cite(named) } })
  }
  ports.warn({
    code: 'RESOURCE_ELSEWHERE',
    message: `The terms name a resource of another host than the one that asks for the money. Asked by ${call.host}, named by the terms: ${cite(named)}.`,
  })
}

/** Reads the host that the terms name; in protocol 1, each entry names one. A path alone means the host that asks. */
function readNamedHost(envelope: Envelope, entry: JsonObject, base: URL, method: string): string | undefined {
  const said = isJsonObject(envelope.resource) ? envelope.resource['url'] : entry['resource']
  if (typeof said !== 'string' || said.length > MAX_URL_LENGTH) return undefined
  // Most sellers name the address itself; then nothing has to be parsed.
  if (said === base.href || said.startsWith(`${base.origin}/`)) return undefined
  // How sellers name what they sell over MCP, whose methods have a slash, as none of HTTP has; no host is behind such a name. Source: x402
  // specification, transports-v2/mcp.md; `agents` 0.32.
  if (method.includes('/') && /^(mcp|x402):/i.test(said)) return undefined
  const named = readUrl(said, base)
  return named && toSellerText(toHostname(named))
}

/** Longest address that is compared, in characters; longer ones don't fit into a request line. */
const MAX_URL_LENGTH = 8192

/** Wrappers of other versions, and callers who found the symbol, may hand in anything: nothing of that is taken for a step. */
export function assertExchange(exchange: unknown): void {
  const isExchange =
    typeof exchange === 'object' &&
    exchange !== null &&
    ['read', 'assertRepeatable', 'send'].every((verb) => typeof Reflect.get(exchange, verb) === 'function')
  if (!isExchange)
    throw new TypeError('pay402: only a wrapper such as wrapFetchWithPayment pays, and this is not one of its requests')
}

import { BEGIN, type Payer } from '../client/payer.js'
import { hasHeader, readHeader } from '../http/request-headers.js'
import type { KeyedCall } from '../payment/flight/flight.js'
import { readUrl } from '../wire/host.js'
import { toPurchaseUrl } from '../wire/resource-url.js'
import type { PaidRequestInit } from './exchange.js'

const KEY_HEADER = 'idempotency-key'

/**
 * Tells the client that a call begins: what an equal one that it joins buys before this one is asked to pay is not bought again.
 * Calls that join no others cost a look at their headers.
 *
 * @returns To be ended with the call; `undefined` when it joins no others.
 */
export function beginKeyedCall(
  client: Payer,
  input: RequestInfo | URL,
  init: PaidRequestInit | undefined,
): KeyedCall | undefined {
  const key = init?.x402?.purchase || readKeyHeader(input, init)
  if (typeof key === 'string') return client[BEGIN]?.(key)
  const headers = headersOf(input, init)
  const header = (name: string) => readHeader(headers, name)
  const [write, body] = [() => writeCall(input, init), () => readText(input, init)]
  return client[BEGIN]?.(undefined, { options: init?.x402, header, write, body })
}

function writeCall(input: RequestInfo | URL, init: RequestInit | undefined): string {
  const { method, url: text } = input instanceof Request ? input : { method: 'GET', url: String(input) }
  const url = readUrl(text, globalThis.location?.href)
  return `${(init?.method ?? method).toUpperCase()} ${url === undefined ? text : toPurchaseUrl(url)}`
}

/** The body, where it's there as a text or not at all. */
function readText(input: RequestInfo | URL, init: RequestInit | undefined): string | undefined {
  const body = init?.body ?? (input instanceof Request ? input.body : undefined) ?? ''
  return typeof body === 'string' ? body : undefined
}

function headersOf(input: RequestInfo | URL, init: RequestInit | undefined): HeadersInit | undefined {
  return init?.headers ?? (input instanceof Request ? input.headers : undefined)
}

function readKeyHeader(input: RequestInfo | URL, init: RequestInit | undefined): string | undefined {
  const headers = headersOf(input, init)
  return hasHeader(headers, KEY_HEADER) ? readHeader(headers, KEY_HEADER) || undefined : undefined
}

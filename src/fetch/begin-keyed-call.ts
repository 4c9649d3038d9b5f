import { BEGIN, type Payer } from '../client/payer.js'
import type { KeyedCall } from '../flow/ports.js'
import type { PaidRequestInit } from './create-exchange.js'
import { hasHeader, readHeader } from './with-headers.js'

const KEY_HEADER = 'idempotency-key'

/**
 * Tells the client that a call under a key begins: what another call buys under it before this one is asked to pay is not bought
 * again. Calls without a key cost a look at their headers.
 *
 * @returns To be ended with the call; `undefined` without a key.
 */
export function beginKeyedCall(
  client: Payer,
  input: RequestInfo | URL,
  init: PaidRequestInit | undefined,
): KeyedCall | undefined {
  const key = init?.x402?.purchase || readKeyHeader(input, init)
  return typeof key === 'string' ? client[BEGIN]?.(key) : undefined
}

function readKeyHeader(input: RequestInfo | URL, init: RequestInit | undefined): string | undefined {
  const headers = init?.headers ?? (input instanceof Request ? input.headers : undefined)
  return hasHeader(headers, KEY_HEADER) ? readHeader(headers, KEY_HEADER) || undefined : undefined
}

import { AxiosHeaders, type InternalAxiosRequestConfig } from 'axios'
import { BEGIN, type Payer } from '../client/payer.js'
import type { KeyedCall } from '../flow/ports.js'
import { readHeader } from './read-header.js'

/**
 * Tells the client that a request under a key begins: what another call buys under it before this one is asked to pay is not bought
 * again.
 *
 * @returns To be ended with the request; `undefined` without a key.
 */
export function beginKeyedCall(client: Payer, { headers, x402 }: InternalAxiosRequestConfig): KeyedCall | undefined {
  const key: unknown = x402?.purchase || readHeader(AxiosHeaders.from(headers), 'idempotency-key')
  return key && typeof key === 'string' ? client[BEGIN]?.(key) : undefined
}

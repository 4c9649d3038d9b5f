import { type Payer, prepayListed } from '../client/payer.js'
import { isX402Error } from '../errors/x402-error.js'
import { toPayableRequest } from '../http/exchange.js'
import type { Prepaid } from '../payment/exchange.js'
import { type FetchCall, toOwn, toRequest } from './exchange.js'
import { watchResponse } from './watched-response.js'

/**
 * Pays for a fetch call with its first request, where its price is known.
 *
 * @returns What became of it.
 * @throws What `wrapFetchWithPayment` throws.
 */
export async function prepay(client: Payer, call: FetchCall): Promise<Prepaid<Response>> {
  if (!isTakenByPlatform(call)) return undefined
  const sent = toRequest({ ...call, watch: watchResponse }, undefined)
  const request = toPayableRequest({ ...sent, kind: Response.prototype })
  const bought = await prepayListed(client, request)
  return bought === undefined || isX402Error(bought) ? bought : toOwn(bought, request.given.signal)
}

/** Whether the platform would send it at all: what it refuses, such as a GET with a body, is refused before anything is signed. */
function isTakenByPlatform({ input, init }: FetchCall): boolean {
  const { body, signal: _, x402: __, ...others } = init ?? {}
  const { url, method } = input instanceof Request ? input : { url: input, method: undefined }
  try {
    new Request(url, { ...(method !== undefined && { method }), ...others, ...(body != null && { body: '' }) })
    return true
  } catch {
    return false
  }
}

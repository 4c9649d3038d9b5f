import { type Payer, PREPAY, REACH } from '../client/payer.js'
import { readUrl } from '../wire/host.js'
import { createPayableRequest, type FetchCall, toOwn } from './exchange.js'
import { watchResponse } from './watched-response.js'

/**
 * Pays for a fetch call with its first request, where its price is known.
 *
 * @returns The paid response; `undefined` when the seller has to be asked, and nothing was sent.
 * @throws What `wrapFetchWithPayment` throws.
 */
export async function prepayFetch(client: Payer, call: FetchCall): Promise<Response | undefined> {
  const request = createPayableRequest({ ...call, watch: watchResponse })
  const { asked = '', signal } = request.given
  const url = readUrl(asked)
  // A host that no list names may be asked only where its addresses are public, which the first request finds out.
  if (client[REACH] !== undefined && (url === undefined || (await client[REACH](url)) !== true)) return undefined
  const bought = await client[PREPAY]?.(request)
  return bought && toOwn(bought, signal)
}

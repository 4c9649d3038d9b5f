import type { Handler } from '../start-seller.js'

/** What a seller's answers let pages of other origins do. */
export type Cors = {
  /** Headers of its answers that a page may read. */
  expose?: string | undefined
  /** Headers that a page may send. */
  allow?: string | undefined
}

/** All that a seller has to send, so that pages of other origins can pay it. */
export const PAYABLE: Cors = { expose: 'PAYMENT-REQUIRED, PAYMENT-RESPONSE', allow: 'PAYMENT-SIGNATURE' }

/** A seller that answers pages of any origin. */
export function withCors(handler: Handler, { expose, allow }: Cors = PAYABLE): Handler {
  return (request, response) => {
    // Chromium by itself sends a request once more when a connection that it used before breaks off, so each gets a new one.
    response.setHeader('connection', 'close')
    response.setHeader('access-control-allow-origin', '*')
    if (expose !== undefined) response.setHeader('access-control-expose-headers', expose)
    if (request.method !== 'OPTIONS') return handler(request, response)
    if (allow !== undefined) response.setHeader('access-control-allow-headers', allow)
    response.writeHead(204).end()
  }
}

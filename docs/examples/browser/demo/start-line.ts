import { createServer, request as send } from 'node:http'
import { type Listening, listen } from '../../../../test/support/chain/listen.js'

/** How often a payment doesn't get through: as often as one call presents it. */
const BREAKS = 3

/**
 * Starts the line between the page and the seller: it says what pages of other origins may read and send, and it breaks.
 *
 * @param seller - Its address.
 * @param breaksAt - The path at which the first sends of each payment never arrive.
 */
export function startLine(seller: string, breaksAt: string): Promise<Listening> {
  const sends = new Map<string, number>()

  function isBroken(path: string, payment: string | undefined): boolean {
    if (payment === undefined || path !== breaksAt) return false
    const made = (sends.get(payment) ?? 0) + 1
    sends.set(payment, made)
    return made <= BREAKS
  }

  const server = createServer((request, response) => {
    const { method, url = '/', headers } = request
    // Chromium sends again by itself what breaks off on a connection that it used before.
    response.setHeader('connection', 'close')
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-expose-headers', 'PAYMENT-REQUIRED, PAYMENT-RESPONSE')
    response.setHeader('access-control-allow-headers', 'PAYMENT-SIGNATURE')
    if (method === 'OPTIONS') return void response.writeHead(204).end()
    if (isBroken(url, [headers['payment-signature']].flat()[0])) return void request.socket.destroy()
    const passed = send(`${seller}${url}`, { method, headers }, (answer) => {
      const { connection: _, 'keep-alive': __, ...own } = answer.headers
      response.writeHead(answer.statusCode ?? 502, own)
      answer.pipe(response)
    })
    passed.on('error', () => response.destroy())
    request.pipe(passed)
  })
  return listen(server)
}

import { createServer, type IncomingMessage } from 'node:http'
import { challengeHeaders, encode, receipt } from '../../support/counts/seller.js'

/**
 * A seller in a process of its own, so that its work isn't counted: it reads each payment and writes each receipt, and settles nothing.
 * Prints its address, and ends with its standard input.
 */
const server = createServer(async (request, response) => {
  await request.toArray()
  const payment = readPayment(request)
  if (request.url !== '/free' && payment === undefined) response.writeHead(402, challengeHeaders)
  else if (payment === undefined) response.writeHead(200, { 'content-type': 'application/json' })
  else response.writeHead(200, { 'payment-response': encode(receipt), 'content-type': 'application/json' })
  response.end('{}')
})
// A connection that a busy client leaves alone for a while is still open when it comes back.
server.keepAliveTimeout = 600_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port}\n`)
})
process.stdin.on('end', () => process.exit()).resume()

function readPayment({ headers }: IncomingMessage): unknown {
  const header = headers['payment-signature']
  return typeof header === 'string' ? JSON.parse(Buffer.from(header, 'base64').toString()) : undefined
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createDice } from '../../src/testing/chance.js'
import { encode, PAYER } from '../support/counts/seller.js'
import { PRICE } from './plan.js'

/** A seller that knows nothing of ledgers: it cashes each payment that reaches it, once, and counts. */
export type Seller = {
  readonly url: string
  /** Which purchase each payment was cashed for, by its nonce. */
  readonly cashed: ReadonlyMap<string, number>
  /** Calls a listener with each payment that is cashed. */
  onCashed(listener: (purchase: number) => void): void
  /** Cashes the next payment, and never answers whoever brought it. Resolves to its purchase. */
  loseNext(): Promise<number>
  stop(): Promise<void>
}

/** Long enough for a purchase whose process died, and whose lease another one waits for. */
const LIFE_SECONDS = 300

const NETWORK = 'eip155:84532'
const terms = {
  x402Version: 2,
  error: 'Payment required',
  resource: { url: '/item', description: 'An item', mimeType: 'application/json' },
  accepts: [
    {
      scheme: 'exact',
      network: NETWORK,
      amount: String(PRICE),
      asset: '0x036CbD53842c5426634e7929541eC2318f3dCF7e',
      payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
      maxTimeoutSeconds: LIFE_SECONDS,
      extra: { name: 'USDC', version: '2' },
    },
  ],
}
const challengeHeaders = { 'payment-required': encode(terms), 'content-type': 'application/json' }

/** Of how many first presentations one is cashed and its response lost, one is cashed and answered 500, and one isn't cashed at all. */
const SIDES = 100

/** What the first presentation of each payment meets; whoever presents it again is served. */
const FAULTS: Readonly<Record<number, 'loses' | 'fails' | 'busy'>> = { 0: 'loses', 1: 'fails', 2: 'busy' }

/**
 * Opens the seller on a free port. `/item/<number>` is for sale; each is another purchase.
 *
 * @param seed - Decides which purchases meet a fault.
 */
export async function openSeller(seed: number): Promise<Seller> {
  const cashed = new Map<string, number>()
  const presented = new Set<string>()
  const listeners: ((purchase: number) => void)[] = []
  const losing: ((purchase: number) => void)[] = []

  function cash(nonce: string, purchase: number): void {
    if (cashed.has(nonce)) return
    cashed.set(nonce, purchase)
    for (const listener of listeners) listener(purchase)
  }

  function serve(nonce: string, purchase: number, response: ServerResponse): void {
    const isFirst = !presented.has(nonce)
    presented.add(nonce)
    const fault = isFirst ? FAULTS[createDice(seed * 1_000_003 + purchase)(SIDES)] : undefined
    if (fault === 'busy') {
      response.writeHead(503, { 'retry-after': '0' }).end()
      return
    }
    cash(nonce, purchase)
    const lose = isFirst ? losing.shift() : undefined
    if (lose !== undefined) lose(purchase)
    else if (fault === 'loses') response.destroy()
    else if (fault === 'fails') response.writeHead(500).end()
    else response.writeHead(200, receiptHeaders(nonce)).end(`{"item":${purchase}}`)
  }

  const server = createServer((request, response) => {
    request.resume()
    const purchase = Number(request.url?.slice('/item/'.length))
    const nonce = readNonce(request)
    if (nonce === undefined) response.writeHead(402, challengeHeaders).end('{}')
    else serve(nonce, purchase, response)
  })
  server.keepAliveTimeout = 600_000 // frozen workers come back to their connections
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('A server that listens has a port.')

  return {
    url: `http://127.0.0.1:${address.port}`,
    cashed,
    onCashed: (listener) => void listeners.push(listener),
    loseNext: () => new Promise((resolve) => losing.push(resolve)),
    async stop() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Of EIP-3009, which is what the workers sign; a payment of another amount isn't one of theirs. */
function readNonce({ headers }: IncomingMessage): string | undefined {
  const header = headers['payment-signature']
  if (typeof header !== 'string') return undefined
  const { nonce, value } = JSON.parse(Buffer.from(header, 'base64').toString()).payload.authorization
  if (BigInt(value) !== PRICE) throw new Error(`a payment of ${value}`)
  return nonce
}

function receiptHeaders(nonce: string): Record<string, string> {
  const receipt = { success: true, transaction: nonce, network: NETWORK, payer: PAYER }
  return { 'payment-response': encode(receipt), 'content-type': 'application/json' }
}

import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PaymentPayload } from '../../src/wire/payload.js'

/** One request as a seller received it. */
export type SellerRequest = {
  readonly method: string
  /** Path with query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The decoded payment header, when there is one. */
  readonly payment: PaymentPayload | undefined
  /** Which connection it came over, counted from 1. */
  readonly connection: number
}

/** A real HTTP server on the loopback that a test scripts. */
export type Seller = {
  readonly url: string
  /** Every request, in the order in which they were complete. */
  readonly requests: readonly SellerRequest[]
  /** Distinct authorizations that were presented, by what makes each unique. */
  authorizations(): Set<string>
  /** What all of them together can cost, in atomic units. */
  value(): bigint
  stop(): Promise<void>
}

/** Answers one request. */
export type Handler = (request: SellerRequest, response: ServerResponse) => void | Promise<void>

/** Starts a seller on a free port. */
export async function startSeller(handler: Handler): Promise<Seller> {
  const requests: SellerRequest[] = []
  const connections = new Map<unknown, number>()
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of message) chunks.push(chunk)
    const request: SellerRequest = {
      method: message.method ?? '',
      path: message.url ?? '',
      headers: message.headers,
      body: Buffer.concat(chunks),
      payment: decodePayment(message.headers),
      connection: connections.get(message.socket) ?? 0,
    }
    requests.push(request)
    await handler(request, response)
  })
  server.on('connection', (socket) => connections.set(socket, connections.size + 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const presented = () => new Map(requests.flatMap(({ payment }) => (payment ? [[toUnique(payment), payment]] : [])))
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    authorizations: () => new Set(presented().keys()),
    value: () => [...presented().values()].reduce((sum, payment) => sum + readValue(payment), 0n),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function decodePayment(headers: IncomingHttpHeaders): PaymentPayload | undefined {
  const header = headers['payment-signature'] ?? headers['x-payment']
  return typeof header === 'string' ? JSON.parse(Buffer.from(header, 'base64').toString()) : undefined
}

function readValue({ payload }: PaymentPayload): bigint {
  const { value } = new Object(payload?.['authorization']) as { value?: string } // of EIP-3009, which these tests sign
  return BigInt(value ?? 0)
}

function toUnique(payment: PaymentPayload): string {
  return JSON.stringify(payment.payload)
}

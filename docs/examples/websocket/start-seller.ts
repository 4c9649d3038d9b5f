import { once } from 'node:events'
import type { x402ResourceServer } from '@x402/core/server'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Answer, Ask } from './message.js'

/** What is sold, by path. */
export type Sold = Readonly<Record<string, { readonly price: string; answer(query: URLSearchParams): unknown }>>

/** A seller over a WebSocket. */
export type Seller = { readonly address: string; stop(): Promise<void> }

/** How many replies are kept for buyers that lose theirs. */
const MAX_KEPT = 1000

/**
 * Starts a seller: a WebSocket server that asks to be paid for each message, with the official parts of x402.
 *
 * It keeps what it replied to each payment, so that a buyer who lost the reply gets it by the same payment, and pays once.
 *
 * @param resources - Knows prices and networks, and asks a facilitator.
 */
export async function startSeller(
  resources: x402ResourceServer,
  { sold, network, payTo, port = 0 }: { sold: Sold; network: `${string}:${string}`; payTo: string; port?: number },
): Promise<Seller> {
  const server = new WebSocketServer({ host: '127.0.0.1', port, maxPayload: 64 * 1024 })
  const kept = new Map<string, Promise<Answer>>()
  server.on('connection', (socket) => {
    socket.on('error', () => undefined) // it closes then
    // What is no message of ours ends the connection.
    socket.on('message', (data) => void reply(socket, String(data)).catch(() => socket.terminate()))
  })
  await once(server, 'listening')
  const address = `ws://127.0.0.1:${Reflect.get(new Object(server.address()), 'port')}`

  async function reply(socket: WebSocket, text: string): Promise<void> {
    const ask: Ask = JSON.parse(text)
    const { id, payment } = ask
    const answer = payment === undefined ? answerTo(ask) : answerOnce(JSON.stringify(payment.payload), ask)
    socket.send(JSON.stringify({ id, ...(await answer) }))
  }

  /** The same payment is taken once, and gets the same reply. */
  function answerOnce(key: string, ask: Ask): Promise<Answer> {
    const answer = kept.get(key) ?? answerTo(ask)
    kept.set(key, answer)
    const [oldest] = kept.keys()
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest)
    return answer
  }

  async function answerTo({ topic, payment }: Ask): Promise<Answer> {
    const { pathname, searchParams } = new URL(topic, address)
    const item = sold[pathname]
    if (item === undefined) return { failure: `Nothing is sold at ${pathname}.` }
    const accepts = await resources.buildPaymentRequirements({ scheme: 'exact', network, payTo, price: item.price })
    const required = (why: string) =>
      resources.createPaymentRequiredResponse(accepts, { url: new URL(topic, address).href }, why)
    if (payment === undefined) return { required: await required('Payment required') }
    const terms = resources.findMatchingRequirements(accepts, payment)
    if (terms === undefined) return { required: await required('No matching payment requirements') }
    const verified = await resources.verifyPayment(payment, terms)
    if (!verified.isValid) return { required: await required(verified.invalidReason ?? 'The payment is not valid') }
    const result = item.answer(searchParams)
    const receipt = await resources.settlePayment(payment, terms)
    return receipt.success ? { result, receipt } : { required: await required('Settlement failed'), receipt }
  }

  return {
    address,
    async stop() {
      for (const socket of server.clients) socket.terminate()
      server.close()
      await once(server, 'close')
    },
  }
}

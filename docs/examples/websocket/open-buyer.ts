import { once } from 'node:events'
import type { PaymentSummary, RestrictedClient } from 'pay402'
import { WebSocket } from 'ws'
import type { Answer, Ask, Reply } from './message.js'

/** What was bought, and the payment for it; none where it was free. */
export type Bought = { readonly result: unknown; readonly payment: PaymentSummary | undefined }

/** A buyer over one WebSocket, which opens it again after it closed. */
export type Buyer = {
  /**
   * Asks for a topic, and pays if the seller asks for that.
   *
   * @throws An error of pay402 whose `money` says where the money is. To ask for the same topic again presents what was paid and lost.
   */
  ask(topic: string): Promise<Bought>
  close(): void
}

type Waiting = { resolve(answer: Answer): void; reject(error: Error): void }

/**
 * Opens a buyer.
 *
 * @param address - The seller, such as `wss://api.example.com`.
 * @param client - Decides and signs; usually a restricted one.
 */
export function openBuyer(
  address: string,
  client: Pick<RestrictedClient, 'begin'>,
  { timeoutMs = 30_000 }: { timeoutMs?: number } = {},
): Buyer {
  const waiting = new Map<number, Waiting>()
  let asked = 0
  let opening: Promise<WebSocket> | undefined

  async function connect(): Promise<WebSocket> {
    // It follows no redirect: a payment goes to the origin that asked, and nowhere else.
    const socket = new WebSocket(address, { followRedirects: false })
    socket.on('message', (data) => {
      const { id, ...answer }: Reply = JSON.parse(String(data))
      waiting.get(id)?.resolve(answer)
    })
    socket.on('error', () => undefined) // it closes then
    socket.on('close', () => {
      opening = undefined
      for (const { reject } of waiting.values()) reject(new Error('The connection closed.'))
    })
    await once(socket, 'open')
    return socket
  }

  /** Sends one message, and waits for its reply. */
  async function send(ask: Omit<Ask, 'id'>): Promise<Answer> {
    opening ??= connect()
    opening.catch(() => (opening = undefined))
    const socket = await opening
    const id = ++asked
    try {
      return await new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        AbortSignal.timeout(timeoutMs).addEventListener('abort', () => reject(new Error('No reply came in time.')))
        socket.send(JSON.stringify({ ...ask, id }))
      })
    } finally {
      waiting.delete(id)
    }
  }

  async function ask(topic: string): Promise<Bought> {
    const first = await send({ topic })
    if ('result' in first) return { result: first.result, payment: undefined }
    if ('failure' in first) throw new Error(first.failure)

    // The address names the purchase, so each topic has its own.
    const open = await client.begin(first.required, { url: new URL(topic, address).href })
    let reply: Answer
    try {
      reply = await send({ topic, payment: open.payload })
    } catch (cause) {
      const lost = await open.lost(cause)
      throw lost.error
    }
    const { receipt } = reply
    if ('result' in reply) return { result: reply.result, payment: await open.answered({ receipt }) }
    if ('required' in reply) throw (await open.answered({ required: reply.required, receipt })).error
    await open.answered({ delivered: false, receipt })
    throw new Error(reply.failure)
  }

  return { ask, close: () => void opening?.then((socket) => socket.close()) }
}

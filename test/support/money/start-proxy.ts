import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { type Listening, listen } from '../chain/listen.js'

/** What a seller answered to a paid request, before the buyer sees it. */
export type PaidForward = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Which paid request it answers, counted from 1. */
  readonly turn: number
}

/** Does what it likes with the answer to a paid request. */
export type Meddle = (answer: PaidForward, response: ServerResponse) => void | Promise<void>

/** A network between a buyer and a seller, and every payment header that went through it. */
export type Proxy = Listening & { readonly payments: readonly string[] }

/**
 * Starts a proxy in front of a seller: unpaid requests pass, and paid ones reach the seller, which settles; what becomes of its
 * answer is `meddle`'s to say.
 *
 * @param target - The seller's address.
 * @param options - What is done to answers, and whether one is kept for whoever presents the same payment again.
 */
export async function startProxy(
  target: string,
  { meddle, keepsAnswers = false }: { meddle: Meddle; keepsAnswers?: boolean },
): Promise<Proxy> {
  const payments: string[] = []
  const kept = new Map<string, PaidForward>()
  const server = createServer(async (request, response) => {
    const payment = [request.headers['payment-signature'] ?? []].flat()[0]
    if (payment === undefined) return pass(await forward(request, target, 0), response)
    payments.push(payment)
    const answer = kept.get(payment)
    if (answer !== undefined) return pass(answer, response)
    const fresh = await forward(request, target, payments.length)
    if (keepsAnswers) kept.set(payment, fresh)
    await meddle(fresh, response)
  })
  return Object.assign(await listen(server), { payments })
}

/** Hands an answer on as it came. */
function pass({ status, headers, body }: PaidForward, response: ServerResponse): void {
  response.writeHead(status, headers).end(body)
}

/** Meddles with the first paid answer only. */
export function onlyFirst(meddle: Meddle): Meddle {
  return (answer, response) => (answer.turn === 1 ? meddle(answer, response) : pass(answer, response))
}

/** Headers of one connection, which are not the next one's. */
const OF_ONE_HOP = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'content-encoding']

async function forward(request: IncomingMessage, target: string, turn: number): Promise<PaidForward> {
  const bytes = new Uint8Array(await buffer(request))
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !OF_ONE_HOP.includes(name)) headers.set(name, String(value))
  }
  const method = request.method ?? 'GET'
  const body = bytes.length > 0 ? bytes : null
  const answer = await fetch(`${target}${request.url}`, { method, headers, body, redirect: 'manual' })
  const passed = [...answer.headers].filter(([name]) => !OF_ONE_HOP.includes(name))
  return {
    status: answer.status,
    headers: Object.fromEntries(passed),
    body: Buffer.from(await answer.arrayBuffer()),
    turn,
  }
}

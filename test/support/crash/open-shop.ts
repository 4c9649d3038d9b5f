import { createServer, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Hex } from 'viem'
import { nonceOf } from '../chain/create-official-buyer.js'
import { type Listening, listen } from '../chain/listen.js'

/** One payment as it reached the seller. */
export type Presentation = {
  readonly purchase: string
  /** Which run of the buyer presented it. */
  readonly run: number
  readonly nonce: Hex
  /** The request arrived whole and wasn't refused, so that it was worked on, whoever still waits for its answer. */
  taken: boolean
}

/** A seller that notes every payment that reaches it. */
export type Shop = Listening & {
  readonly presentations: readonly Presentation[]
  /** Waits until the seller has done all that it was asked for. */
  rest(): Promise<void>
}

type Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }

/**
 * Opens a shop in front of a seller. What reached it is worked on to its end, even if the buyer is gone.
 *
 * @param target - The seller's address.
 * @param keepsAnswers - Whether who presents the same payment again gets the same answer.
 * @param refusals - With which statuses each purchase is refused at first, one after the other, before its payment is worked on.
 */
export async function openShop(target: string, keepsAnswers: boolean, refusals: readonly number[] = []): Promise<Shop> {
  const presentations: Presentation[] = []
  /** The work for each payment, so that two presentations of one never overlap. */
  const works = new Map<string, Promise<Answer | undefined>>()
  const busy = new Set<Promise<void>>()

  async function work(request: IncomingMessage): Promise<Answer | undefined> {
    const payment = [request.headers['payment-signature'] ?? []].flat()[0]
    if (payment === undefined) return forward(request, target, await readAll(request))
    const presentation = read(request, payment)
    const refusal = refusals[presentations.filter(({ purchase }) => purchase === presentation.purchase).length]
    presentations.push(presentation)
    const bytes = await readAll(request)
    if (bytes === undefined) return undefined
    if (refusal !== undefined) return { status: refusal, headers: {}, body: Buffer.from('{"error":"not yet"}') }
    presentation.taken = true
    const before = works.get(payment)
    const answering = (async () => {
      const earlier = await before
      return keepsAnswers && earlier !== undefined ? earlier : forward(request, target, bytes)
    })()
    works.set(payment, answering)
    return answering
  }

  const server = createServer((request, response) => {
    const serving = (async () => {
      const answer = await work(request)
      if (answer === undefined) response.destroy()
      else response.writeHead(answer.status, answer.headers).end(answer.body)
    })()
    busy.add(serving)
    void serving.then(() => busy.delete(serving))
  })
  const listening = await listen(server)
  return Object.assign(listening, {
    presentations,
    async rest() {
      await Promise.all(busy)
    },
  })
}

function read({ headers }: IncomingMessage, payment: string): Presentation {
  return {
    purchase: String(headers['x-purchase']),
    run: Number(headers['x-run']),
    nonce: nonceOf(payment),
    taken: false,
  }
}

/** The body; `undefined` when the buyer was gone before its end. */
async function readAll(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await buffer(request))
  } catch {
    return undefined
  }
}

/** Headers of one connection, which are not the next one's. */
const OF_ONE_HOP = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'content-encoding']

async function forward(
  request: IncomingMessage,
  target: string,
  bytes: Uint8Array<ArrayBuffer> | undefined,
): Promise<Answer | undefined> {
  if (bytes === undefined) return undefined
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !OF_ONE_HOP.includes(name)) headers.set(name, String(value))
  }
  const method = request.method ?? 'GET'
  const answer = await fetch(`${target}${request.url}`, { method, headers, body: bytes.length > 0 ? bytes : null })
  const passed = [...answer.headers].filter(([name]) => !OF_ONE_HOP.includes(name))
  return {
    status: answer.status,
    headers: Object.fromEntries(passed),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ReadableStream } from 'node:stream/web'
import { type Listening, listen } from '../chain/listen.js'

/** Does what it likes with the response to a paid request, or hands it on. The server has done its part by then. */
export type Lose = (response: ServerResponse, handOn: () => void) => void

/** Stands between a client and a server of tools, and sees what is sent. */
export type Relay = Listening & {
  /** Bodies of the requests that held a payment. */
  readonly paid: readonly string[]
}

/** Headers of one connection, which are not the next one's. */
const OF_ONE_HOP = ['host', 'connection', 'content-length', 'transfer-encoding', 'keep-alive', 'content-encoding']

/**
 * Starts a relay in front of a server of tools over HTTP.
 *
 * @param target - The server's address.
 * @param lose - What becomes of the response to a paid request, once the server gave it. @default it's handed on
 */
export async function startRelay(target: string, lose?: Lose): Promise<Relay> {
  const paid: string[] = []
  const server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString()
    const isPaid = body.includes('"x402/payment"')
    if (isPaid) paid.push(body)
    try {
      const answer = await forward(target, request, response, body)
      if (!isPaid || lose === undefined) return handOn(answer, response)
      const text = await answer.text()
      lose(response, () => handOn(new Response(text, answer), response))
    } catch {
      response.destroy()
    }
  })
  const listening = await listen(server)
  return Object.assign(listening, { url: `${listening.url}/mcp`, paid })
}

function forward(target: string, request: IncomingMessage, response: ServerResponse, body: string): Promise<Response> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && !OF_ONE_HOP.includes(name)) headers.set(name, String(value))
  }
  return fetch(target, {
    method: request.method ?? 'GET',
    headers,
    signal: gone.signal,
    ...(body !== '' && { body }),
  })
}

/** As it comes, since a stream of events has no end. */
function handOn({ status, headers, body }: Response, response: ServerResponse): void {
  response.writeHead(status, Object.fromEntries([...headers].filter(([name]) => !OF_ONE_HOP.includes(name))))
  response.flushHeaders()
  if (body === null) return void response.end()
  Readable.fromWeb(body as ReadableStream)
    .on('error', () => response.destroy())
    .pipe(response)
}

import type { IncomingMessage, ServerResponse } from 'node:http'
import { WRAPPER_NEEDS } from '../../errors/catalogue/configuration.js'
import { fail } from '../../errors/fail.js'
import type { Service } from './service.js'

/** A seller that listens. */
export type Listening = {
  /** Its origin, such as `http://127.0.0.1:43127`. */
  readonly url: string
  /** Closes it, and every connection. */
  stop(): Promise<void>
}

/**
 * Starts an HTTP server on the loopback that answers for a seller.
 *
 * @throws {@link ConfigurationError} `INVALID_OPTION` where the platform has no servers, such as a page.
 */
export async function listen(service: Service, port = 0): Promise<Listening> {
  // Asked of the platform and not imported: a bundle for a page has no such module, and Jest imports none without a flag.
  const http = globalThis.process?.getBuiltinModule?.('node:http')
  if (http === undefined) throw fail(WRAPPER_NEEDS, { words: { wrapper: 'seller.listen', what: 'Node, Bun or Deno' } })
  const server = http.createServer((message, response) => {
    // What fails here has no one to tell it to but the buyer.
    answer(service, message, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://127.0.0.1:${bound}`,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(service: Service, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const answered = await service.answer(await toRequest(message, gone.signal))
  if (answered === 'closed') {
    message.socket.destroy()
    return
  }
  const { status, headers } = answered.response
  const body = new Uint8Array(await answered.response.arrayBuffer())
  response.writeHead(status, Object.fromEntries(headers)).end(body)
}

async function toRequest(message: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const chunks: Uint8Array[] = []
  for await (const chunk of message) chunks.push(chunk)
  const { method = 'GET', url = '/', headers: sent } = message
  const headers = new Headers()
  for (const [name, value] of Object.entries(sent)) if (value !== undefined) headers.set(name, String(value))
  const hasBody = method !== 'GET' && method !== 'HEAD' && chunks.length > 0
  const body = hasBody ? await new Blob(chunks.map((chunk) => Uint8Array.from(chunk))).arrayBuffer() : null
  return new Request(new URL(url, `http://${sent.host ?? '127.0.0.1'}`), { method, headers, body, signal })
}

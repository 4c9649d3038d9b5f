import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from '../../support/chain/listen.js'

/** What a node is asked. */
export type RpcCall = { method: string; params: readonly unknown[]; headers: IncomingMessage['headers'] }

/** What a node does: answers with a result, with {@link refuse}, or with anything else that a handler of `node:http` can do. */
export type RpcAnswer = (call: RpcCall) => unknown

/** A node that listens, and what it was asked. */
export type RpcNode = { url: string; readonly calls: readonly RpcCall[] }

/** Something else than a result. */
class Act {
  readonly on: (response: ServerResponse) => void
  constructor(on: (response: ServerResponse) => void) {
    this.on = on
  }
}

/** The answer that JSON-RPC has for "no". */
export function refuse(code = -32_000, message = 'no'): unknown {
  return new Act((response) => response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message } })))
}

/** Something that a broken node does. */
export function act(on: (response: ServerResponse) => void): unknown {
  return new Act(on)
}

/** A node that takes the question and never answers. */
export function hang(): unknown {
  return new Act(() => undefined)
}

/** Starts a node that speaks JSON-RPC over HTTP, until the test is over. */
export async function startRpc(answer: RpcAnswer): Promise<RpcNode> {
  const calls: RpcCall[] = []
  const server = createServer(async (request, response) => {
    const { method, params } = JSON.parse(await text(request))
    const call = { method, params, headers: request.headers }
    calls.push(call)
    const result = answer(call)
    if (result instanceof Act) result.on(response)
    else response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }))
  })
  const { url, stop } = await listen(server)
  onTestFinished(stop)
  return { url, calls }
}

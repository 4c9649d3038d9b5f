import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { listen } from '../../../support/chain/listen.js'

/** What a node is asked. */
export type RpcCall = { method: string; params: readonly unknown[]; headers: IncomingMessage['headers'] }

/** What a node does: answers with a result, with {@link refuse}, or with anything else that a handler of `node:http` can do. */
export type RpcHandler = (call: RpcCall) => unknown

/** A node that listens, and what it was asked. */
export type RpcNode = {
  url: string
  readonly calls: readonly RpcCall[]
  /** Requests over HTTP; a batch is one. */
  readonly roundTrips: number
}

/** Something else than a result. */
class Act {
  readonly on: (response: ServerResponse) => void
  constructor(on: (response: ServerResponse) => void) {
    this.on = on
  }
}

/** The answer that JSON-RPC has for "no". */
class Refusal {
  readonly error: { code: number; message: string }
  constructor(code: number, message: string) {
    this.error = { code, message }
  }
}

/** The answer that JSON-RPC has for "no". */
export function refuse(code = -32_000, message = 'no'): unknown {
  return new Refusal(code, message)
}

/** Something that a broken node does. */
export function act(on: (response: ServerResponse) => void): unknown {
  return new Act(on)
}

/** A node that takes the question and never answers. */
export function hang(): unknown {
  return new Act(() => undefined)
}

/** Starts a node that speaks JSON-RPC over HTTP, also in batches, until the test is over. */
export async function startRpc(answer: RpcHandler): Promise<RpcNode> {
  const calls: RpcCall[] = []
  let roundTrips = 0
  const server = createServer(async (request, response) => {
    roundTrips += 1
    const asked: Question | Question[] = JSON.parse(await text(request))
    const answers = [asked].flat().map(({ id, method, params }) => {
      const call = { method, params, headers: request.headers }
      calls.push(call)
      const result = answer(call)
      return result instanceof Refusal ? { jsonrpc: '2.0', id, error: result.error } : { jsonrpc: '2.0', id, result }
    })
    const broken = answers.find(({ result }) => result instanceof Act)?.result
    if (broken instanceof Act) broken.on(response)
    // The last answer first, since a batch may be answered in any order.
    else response.end(JSON.stringify(Array.isArray(asked) ? answers.reverse() : answers[0]))
  })
  const { url, stop } = await listen(server)
  onTestFinished(stop)
  return {
    url,
    calls,
    get roundTrips() {
      return roundTrips
    },
  }
}

type Question = { id: number; method: string; params: readonly unknown[] }

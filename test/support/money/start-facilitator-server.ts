import { createServer, type ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { FacilitatorClient } from '@x402/core/server'
import { type Listening, listen } from '../chain/listen.js'

/** Does what it likes with the answer to a request to settle; the chain has it by then. */
export type SettleMeddle = (settled: unknown, response: ServerResponse) => void | Promise<void>

/** Puts a facilitator behind HTTP: `/verify`, `/settle` and `/supported`, as `HTTPFacilitatorClient` asks them. */
export function startFacilitatorServer(
  facilitator: FacilitatorClient,
  meddle: SettleMeddle = answer,
): Promise<Listening> {
  const server = createServer(async (request, response) => {
    if (request.url === '/supported') return answer(await facilitator.getSupported(), response)
    const { paymentPayload, paymentRequirements } = (await json(request)) as Asked
    if (request.url === '/verify')
      return answer(await facilitator.verify(paymentPayload, paymentRequirements), response)
    await meddle(await facilitator.settle(paymentPayload, paymentRequirements), response)
  })
  return listen(server)
}

/** Answers as it should. */
export function answer(result: unknown, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
}

type Parameters = globalThis.Parameters<FacilitatorClient['settle']>
type Asked = { paymentPayload: Parameters[0]; paymentRequirements: Parameters[1] }

import { createServer, type IncomingMessage } from 'node:http'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/express'
import express from 'express'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { listen } from './listen.js'
import type { OfficialSeller, OfficialSellerOptions } from './official-seller.js'
import { createRequestRecorder } from './record-requests.js'
import { type SellerRequest, type SellerRoutes, sellerRoutes, toRoutesConfig } from './routes.js'

/**
 * Starts a seller on Express with the official `@x402/express` middleware.
 *
 * @param options - Who settles, what is sold, and to whom the money goes.
 */
export async function startOfficialExpressSeller({
  facilitator,
  network = 'eip155:84532',
  payTo = privateKeyToAddress(generatePrivateKey()),
  routes = sellerRoutes,
}: OfficialSellerOptions): Promise<OfficialSeller> {
  const offered: SellerRoutes = routes
  const recorder = createRequestRecorder()
  const received = new WeakMap<IncomingMessage, SellerRequest>()
  const app = express()
  app.use(async (request, _response, next) => {
    const { query, headers, bytes } = await recorder.record(request)
    received.set(request, { query, headers, body: bytes })
    next()
  })
  app.use(
    paymentMiddleware(
      toRoutesConfig(offered, { network, payTo }),
      new x402ResourceServer(facilitator).register(network, new ExactEvmScheme()),
    ),
  )
  app.use(async (request, response) => {
    const route = offered[`${request.method} ${request.path}`]
    const sellerRequest = received.get(request)
    if (route === undefined || sellerRequest === undefined) {
      response.status(404).json({ error: 'not found' })
      return
    }
    const { status = 200, json } = await route.answer(sellerRequest)
    response.status(status).json(json)
  })
  const listening = await listen(createServer(app))
  return Object.assign(listening, { payTo, requests: recorder.requests })
}

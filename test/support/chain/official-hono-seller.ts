import { createServer } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import { Hono } from 'hono'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { listen } from './listen.js'
import type { OfficialSeller, OfficialSellerOptions } from './official-seller.js'
import { createRequestRecorder } from './record-requests.js'
import { type SellerRequest, type SellerRoutes, sellerRoutes, toRoutesConfig } from './routes.js'

type Environment = { Bindings: HttpBindings; Variables: { received: SellerRequest } }

/**
 * Starts a seller on Hono with the official `@x402/hono` middleware.
 *
 * @param options - Who settles, what is sold, and to whom the money goes.
 */
export async function startOfficialHonoSeller({
  facilitator,
  network = 'eip155:84532',
  payTo = privateKeyToAddress(generatePrivateKey()),
  routes = sellerRoutes,
}: OfficialSellerOptions): Promise<OfficialSeller> {
  const offered: SellerRoutes = routes
  const recorder = createRequestRecorder()
  const app = new Hono<Environment>()
  app.use(async (context, next) => {
    const { query, headers, bytes } = await recorder.record(context.env.incoming)
    context.set('received', { query, headers, body: bytes })
    await next()
  })
  app.use(
    paymentMiddleware(
      toRoutesConfig(offered, { network, payTo }),
      new x402ResourceServer(facilitator).register(network, new ExactEvmScheme()),
    ),
  )
  app.all('*', async (context) => {
    const route = offered[`${context.req.method} ${context.req.path}`]
    if (route === undefined) return context.json({ error: 'not found' }, 404)
    const { status = 200, json } = await route.answer(context.get('received'))
    return Response.json(json, { status })
  })
  // By default node-server replaces the global Request and Response, and the buyer under test runs in this process.
  const listening = await listen(createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false })))
  return Object.assign(listening, { payTo, requests: recorder.requests })
}

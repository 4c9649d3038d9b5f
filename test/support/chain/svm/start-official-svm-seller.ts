import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { FacilitatorClient, RouteConfig } from '@x402/core/server'
import type { SchemeNetworkServer } from '@x402/core/types'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware as expressMiddleware, x402ResourceServer } from '@x402/express'
import { paymentMiddleware as honoMiddleware } from '@x402/hono'
import { ExactSvmScheme } from '@x402/svm/exact/server'
import express from 'express'
import { Hono } from 'hono'
import { type Listening, listen } from '../listen.js'

/** A route of a seller: what it asks for, and whether its handler fails. */
export type SvmRoute = { accepts: RouteConfig['accepts']; status?: number }

/**
 * Starts a seller with the official middleware of Express or Hono, which takes payments on Solana and on EVM chains.
 *
 * @param framework - Whose middleware it is.
 * @param facilitators - Who verifies and settles.
 * @param routes - By verb and path.
 * @param elsewhere - How it takes payments on `stellar:*`, which the tests have no chain of.
 * @param rpcUrl - Whom it asks for the blockhash that it writes into each 402; it writes none without.
 */
export async function startOfficialSvmSeller(
  framework: 'express' | 'hono',
  facilitators: FacilitatorClient[],
  routes: Record<`${string} /${string}`, SvmRoute>,
  elsewhere?: SchemeNetworkServer,
  rpcUrl?: string,
): Promise<Listening & { readonly payments: readonly string[] }> {
  const payments: string[] = []
  const resourceServer = new x402ResourceServer(facilitators)
    .register('solana:*', new ExactSvmScheme(rpcUrl === undefined ? {} : { rpcUrl }))
    .register('eip155:*', new ExactEvmScheme())
  if (elsewhere !== undefined) resourceServer.register('stellar:*', elsewhere)
  const config = Object.fromEntries(
    Object.entries(routes).map(([route, { accepts }]) => [
      route,
      { accepts, description: 'A test route', mimeType: 'application/json' },
    ]),
  )
  const answer = (route: string) => {
    const status = routes[route as keyof typeof routes]?.status ?? 200
    return { status, json: { ok: status < 400 } }
  }
  const note = (header: string | undefined) => {
    if (header !== undefined) payments.push(header)
  }
  if (framework === 'express') {
    const app = express()
    app.use((request, _response, next) => {
      note(request.get('payment-signature'))
      next()
    })
    app.use(expressMiddleware(config, resourceServer))
    app.use((request, response) => {
      const { status, json } = answer(`${request.method} ${request.path}`)
      response.status(status).json(json)
    })
    return Object.assign(await listen(createServer(app)), { payments })
  }
  const app = new Hono()
  app.use(async (context, next) => {
    note(context.req.header('payment-signature'))
    await next()
  })
  app.use(honoMiddleware(config, resourceServer))
  app.all('*', ({ req }) => {
    const { status, json } = answer(`${req.method} ${req.path}`)
    return Response.json(json, { status })
  })
  // By default node-server replaces the global Request and Response, and the buyer under test runs in this process.
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }))
  return Object.assign(await listen(server), { payments })
}

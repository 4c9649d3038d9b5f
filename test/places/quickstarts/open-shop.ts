import { x402Facilitator } from '@x402/core/facilitator'
import type { Network, PaymentPayload } from '@x402/core/types'
import { DEFAULT_ASSETS } from '@x402/evm'
import { ExactEvmScheme as ExactEvmFacilitator } from '@x402/evm/exact/facilitator'
import { ExactEvmScheme as ExactEvmServer } from '@x402/evm/exact/server'
import { paymentMiddleware, x402ResourceServer } from '@x402/hono'
import { Hono } from 'hono'
import { createMadeUpChain } from './create-made-up-chain.js'
import { createRecorder, type Shop } from './shop.js'

/** One offer of the shop: a network, and a price in dollars of the asset that the official seller knows there. */
export type ShopOffer = { network: Network; price: string }

const PAY_TO = '0x209693Bc6afc0C5328bA36FaF03C514EF312287C'

/** What a shop declares, and what its server is told. */
export type ShopWith = {
  readonly offers?: readonly ShopOffer[]
  readonly extensions?: Record<string, unknown>
  readonly setUp?: (server: x402ResourceServer) => unknown
}

/**
 * Opens a shop that runs the official `@x402/hono` seller in this process, at any address: every path asks for one of the offers,
 * but for a request with an `authorization` header, which is a subscriber's.
 *
 * @param given - What every path asks for, the most wanted first; or that with extensions.
 */
export function openShop(...given: ShopOffer[] | [ShopWith]): Shop {
  const [first] = given
  const shop: ShopWith = first !== undefined && 'network' in first ? { offers: given as ShopOffer[] } : (first ?? {})
  const { offers = [], extensions, setUp } = shop
  const networks = [...new Set(offers.map(({ network }) => network))]
  const assets = networks.flatMap((network) => DEFAULT_ASSETS[network] ?? [])
  const chain = createMadeUpChain(assets.map(({ asset }) => asset))
  const facilitator = new x402Facilitator().register(networks, new ExactEvmFacilitator(chain))
  const server = new x402ResourceServer({
    verify: (payload, requirements) => facilitator.verify(payload, requirements),
    settle: (payload, requirements) => facilitator.settle(payload, requirements),
    getSupported: async () => ({
      kinds: networks.map((network) => ({ x402Version: 2, scheme: 'exact', network })),
      extensions: [],
      signers: {},
    }),
  })
  for (const network of networks) server.register(network, new ExactEvmServer())
  const accepts = offers.map((offer) => ({ scheme: 'exact', payTo: PAY_TO, ...offer }))
  setUp?.(server)
  const route = { accepts, mimeType: 'application/json', ...(extensions && { extensions }) }
  const sell = paymentMiddleware({ '*': route }, server)
  const app = new Hono()
    .use((context, next) => (context.req.header('authorization') === undefined ? sell(context, next) : next()))
    .all('*', async (context) => context.json({ sold: await context.req.text() }))
  return createRecorder<PaymentPayload>('payment-signature', (request) => app.fetch(request))
}

import type { ServerResponse } from 'node:http'
import { askToPay, createOffer, createRequired, deliver } from '../../support/offers.js'
import { type Handler, type Seller, type SellerRequest, startSeller } from '../../support/start-seller.js'

/** What a seller must allow for a page of another origin to buy, and no more: a header beyond these fails the buyer. */
const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'payment-signature, x-payment',
  'access-control-expose-headers': 'payment-required, payment-response, x-payment-response',
}

/** A seller with one path for each situation, and a stranger that it redirects to. */
export type Shop = {
  readonly url: string
  /** What reached a path, and what it leads to within the shop; a browser's questions in advance aside. */
  requestsTo(path: string): readonly SellerRequest[]
  /** What reached the stranger. */
  strayed(): readonly SellerRequest[]
  stop(): Promise<void>
}

/** Opens a shop on free ports. */
export async function openShop(): Promise<Shop> {
  const stranger = await startSeller(allow((_, response) => void response.end('not yours')))
  const seller = await startSeller(allow(createSales(stranger)))
  return {
    url: seller.url,
    requestsTo: (path) => without(seller, 'OPTIONS').filter((request) => nameOf(request) === path),
    strayed: () => without(stranger, 'OPTIONS'),
    async stop() {
      await Promise.all([seller.stop(), stranger.stop()])
    },
  }
}

type Sale = (request: SellerRequest, response: ServerResponse) => void

function createSales(stranger: Seller): Handler {
  const dropped = new Set<string>()
  const unpaid =
    (answer: (response: ServerResponse) => void, paid: Sale): Sale =>
    (request, response) =>
      request.payment === undefined ? answer(response) : paid(request, response)
  const sell: Sale = (request, response) => deliver(response, request, request.body.toString() || 'sunny')
  const dropOnce: Sale = (request, response) => {
    const name = nameOf(request)
    if (dropped.has(name)) return sell(request, response)
    dropped.add(name)
    response.socket?.destroy()
  }
  const moveTo =
    (target: string): Sale =>
    (_, response) =>
      void response.writeHead(307, { location: target }).end()
  const moveWithin: Sale = (request, response) =>
    request.path.endsWith('/there') ? sell(request, response) : moveTo(`/${nameOf(request)}/there`)(request, response)

  const sales: Record<string, Sale> = {
    free: (_, response) => void response.end('free'),
    paid: unpaid(askToPay, sell),
    body: unpaid(askToPay, sell),
    'protocol-1': unpaid(askInBody, sell),
    'over-the-limit': unpaid(
      (response) => askToPay(response, createRequired([createOffer({ amount: '250000' })])),
      sell,
    ),
    returned: unpaid(askToPay, sell),
    'at-once': unpaid(askToPay, sell),
    lost: unpaid(askToPay, dropOnce),
    'lost-post': unpaid(askToPay, dropOnce),
    redirected: unpaid(askToPay, moveWithin),
    'redirected-request': unpaid(askToPay, moveWithin),
    'redirected-elsewhere': unpaid(askToPay, moveTo(`${stranger.url}/`)),
  }
  return (request, response) => {
    const sale = sales[nameOf(request)]
    if (sale === undefined) response.writeHead(404).end()
    else sale(request, response)
  }
}

/** As sellers of protocol 1 do: the terms are in the body alone. */
function askInBody(response: ServerResponse): void {
  const { amount: maxAmountRequired, ...offer } = createOffer()
  const resource = { resource: 'http://127.0.0.1/paid', description: '', mimeType: '' }
  const accepts = [{ ...offer, ...resource, network: 'base-sepolia', maxAmountRequired }]
  response.writeHead(402, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ x402Version: 1, error: 'Payment required', accepts }))
}

function allow(handler: Handler): Handler {
  return (request, response) => {
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value)
    // Each request comes over a connection of its own: what is lost on one that was used before, a browser sends again by itself.
    response.setHeader('connection', 'close')
    if (request.method !== 'OPTIONS') return handler(request, response)
    response.writeHead(204).end()
  }
}

function without({ requests }: Seller, method: string): readonly SellerRequest[] {
  return requests.filter((request) => request.method !== method)
}

function nameOf({ path }: SellerRequest): string {
  return /^\/([\w-]*)/.exec(path)?.[1] ?? ''
}

import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { RoutesConfig } from '@x402/core/server'
import type { Network, Price } from '@x402/core/types'

/** A request as a route sees it, whichever framework received it. */
export type SellerRequest = { query: URLSearchParams; headers: IncomingHttpHeaders; body: Uint8Array<ArrayBuffer> }

/** What a route answers, as JSON. */
export type SellerAnswer = { status?: number; json: unknown }

/** One thing a seller sells, or gives away. */
export type SellerRoute = {
  /** `'$0.01'`, or an amount of a named asset; none means free. */
  price?: Price | undefined
  /** Written into the offer. @default 'A test route' */
  description?: string | undefined
  /** How long a payment may stay valid. @default 300 */
  maxTimeoutSeconds?: number | undefined
  /** When it is settled, as the official server names it. @default 'authorization', after the answer */
  paymentFlow?: string | undefined
  answer: (request: SellerRequest) => SellerAnswer | Promise<SellerAnswer>
}

/** Routes by verb and path: `'GET /weather'`. */
export type SellerRoutes = Record<string, SellerRoute>

/** What every official seller of the tests sells, and for how much. */
export const sellerRoutes = {
  'GET /weather': {
    price: '$0.01',
    description: 'The weather, now',
    answer: () => ({ json: { city: 'Lisbon', temperature: 21 } }),
  },
  'POST /report': {
    price: '$0.02',
    description: 'A report on what you send',
    answer: ({ body }) => ({ json: JSON.parse(Buffer.from(body).toString('utf8')) }),
  },
  'PUT /upload': { price: '$0.01', answer: ({ body }) => ({ json: digestOf(body) }) },
  'POST /form': { price: '$0.01', answer: async (request) => ({ json: await readForm(request) }) },
  'GET /search': {
    price: '$0.01',
    answer: ({ query, headers }) => ({ json: { query: Object.fromEntries(query), trace: headers['x-trace'] ?? null } }),
  },
  'GET /expensive': {
    price: '$25',
    description: 'More than anyone should pay',
    answer: () => ({ json: { gold: true } }),
  },
  // The official server does not settle when the handler answers 400 or more.
  'GET /broken': { price: '$0.01', answer: () => ({ status: 500, json: { error: 'out of order' } }) },
  'GET /free': { answer: () => ({ json: { free: true } }) },
} satisfies SellerRoutes

/** Writes the paid routes as the official middlewares read them. */
export function toRoutesConfig(
  routes: SellerRoutes,
  { network, payTo }: { network: Network; payTo: string },
): RoutesConfig {
  const paid = Object.entries(routes).flatMap(
    ([key, { price, description = 'A test route', maxTimeoutSeconds = 300, paymentFlow }]) => {
      if (price === undefined) return []
      const extra = paymentFlow === undefined ? {} : { extra: { paymentFlow } }
      const accepts = { scheme: 'exact', network, payTo, price, maxTimeoutSeconds, ...extra }
      return [[key, { accepts, description, mimeType: 'application/json' }] as const]
    },
  )
  return Object.fromEntries(paid)
}

/** How `PUT /upload` and `POST /form` tell what arrived. */
export function digestOf(bytes: Uint8Array): { sha256: string; length: number } {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), length: bytes.length }
}

async function readForm({ headers, body }: SellerRequest) {
  const form = await new Response(body, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData()
  const fields: Record<string, string> = {}
  const files: Record<string, { name: string; type: string; sha256: string; length: number }> = {}
  for (const [name, value] of form) {
    if (typeof value === 'string') fields[name] = value
    else files[name] = { name: value.name, type: value.type, ...digestOf(await value.bytes()) }
  }
  return { fields, files }
}

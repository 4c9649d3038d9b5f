import { assertOptions, invalidOption } from '../../errors/options.js'
import { readMoneyText } from '../../limits/money.js'
import { type Clock, systemClock } from '../../payment/clock.js'
import { isJsonObject, type JsonObject } from '../../wire/json.js'
import { type AskFault, assertFaults, type PayFault } from './fault.js'
import { type Offer, toEntry } from './offer.js'

/** What a seller sells at an address. */
export type Route = {
  /** What it costs: `'$0.01'`, or `'free'`. @default '$0.01' */
  readonly price?: string | undefined
  /**
   * The offers of its 402, as far as they differ from the usual one: `[{ scheme: 'upto', price: '$0.10' }, { network: 'solana:…' }]`.
   *
   * @default one of the price, `exact`, in USDC on Base Sepolia
   */
  readonly accepts?: readonly Offer[] | undefined
  /**
   * What is sold: a `Response`, a text, anything that can be written as JSON, or a function of the `Request` that returns one of these.
   * As with the official sellers nothing is taken for a response from 400 up.
   *
   * @default { ok: true }
   */
  readonly answer?: unknown
  /** What the 402 says that it sells. @default 'A test' */
  readonly description?: string | undefined
  /** What is taken of an `upto` payment, such as `'$0.03'`. @default the whole amount */
  readonly takes?: string | undefined
}

/** What a seller of the kit sells, and how it misbehaves. */
export type Script = Route & {
  /** Where it sells, an origin. @default 'https://seller.example' */
  readonly url?: string | undefined
  /**
   * What it sells where, by path or by method and path: `{ '/weather': { price: '$0.01' }, 'POST /orders': { … } }`. What a route leaves out
   * is as the script says; other addresses are 404.
   *
   * @default every address is sold
   */
  readonly routes?: Readonly<Record<string, Route>> | undefined
  /** Which protocol it speaks. @default 2 */
  readonly x402Version?: 1 | 2 | undefined
  /** What its 402 declares under `extensions`. @default none */
  readonly extensions?: JsonObject | undefined
  /** Faults of its next requests without a payment, one for each, in turn. @default none */
  readonly whenAsked?: readonly AskFault[] | undefined
  /** Faults of its next paid requests, one for each, in turn. Payments that aren't good meet none. @default none */
  readonly whenPaid?: readonly PayFault[] | undefined
  /**
   * Serve a payment that it took before, and whose response may have been lost, once more. Otherwise it says that the nonce was used, as the
   * official sellers do.
   *
   * @default false
   */
  readonly redelivers?: boolean | undefined
  /** By which it tells whether a payment is valid; give it the clock of the client. @default the machine's clock */
  readonly clock?: Pick<Clock, 'nowSeconds'> | undefined
}

/** A route whose defaults are filled in. */
export type OpenRoute = {
  readonly isFree: boolean
  /** Entries of `accepts` as protocol 2 writes them. */
  readonly entries: readonly JsonObject[]
  readonly answer: unknown
  readonly description: string
  readonly takes: string | undefined
}

/** A script that was read. */
export type ReadScript = {
  readonly url: string
  readonly x402Version: 1 | 2
  readonly redelivers: boolean
  readonly clock: Pick<Clock, 'nowSeconds'>
  readonly extensions: JsonObject | undefined
  /** The route of a request; `undefined` where nothing is. */
  find(method: string, path: string): { readonly name: string; readonly route: OpenRoute } | undefined
  /** A route at another price. */
  reprice(name: string, price: string): OpenRoute
}

const ROUTE = ['price', 'accepts', 'answer', 'description', 'takes']
const SCRIPT = [...ROUTE, 'url', 'routes', 'x402Version', 'extensions', 'whenAsked', 'whenPaid', 'redelivers', 'clock']

/**
 * Reads a script.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION`, `INVALID_OPTION` or `INVALID_MONEY`: a misspelled part of a script would test nothing.
 */
export function readScript(script: Script): ReadScript {
  assertOptions(script, 'createSeller', SCRIPT)
  const { url = 'https://seller.example', routes, x402Version = 2, redelivers = false, extensions } = script
  if (!URL.canParse(url) || new URL(url).origin !== url)
    throw invalidOption('url', "an origin, such as 'https://api.example.com'")
  if (x402Version !== 1 && x402Version !== 2) throw invalidOption('x402Version', '1 or 2')
  if (routes !== undefined && !isJsonObject(routes)) throw invalidOption('routes', 'an object of routes by path')
  assertFaults('whenAsked', script.whenAsked ?? [])
  assertFaults('whenPaid', script.whenPaid ?? [])
  const { price, accepts, answer, description, takes } = script
  const usual = { price, accepts, answer, description, takes }
  const given = new Map<string, Route>()
  for (const [name, route] of Object.entries(routes ?? { '*': {} })) {
    assertOptions(route, `routes[${JSON.stringify(name)}]`, ROUTE)
    given.set(name, { ...usual, ...withoutAccepts(route, usual), ...route })
  }
  const open = new Map([...given].map(([name, route]) => [name, openRoute(route)]))
  return {
    url,
    x402Version,
    redelivers,
    extensions,
    clock: script.clock ?? systemClock,
    find(method, path) {
      const name = [`${method} ${path}`, path, '*'].find((one) => open.has(one))
      const route = name === undefined ? undefined : open.get(name)
      return name === undefined || route === undefined ? undefined : { name, route }
    },
    reprice(name, raised) {
      const { accepts: offers, ...route } = given.get(name) ?? {}
      return openRoute({ ...route, price: raised, accepts: offers?.map(({ price: _, amount: __, ...offer }) => offer) })
    },
  }
}

/** A route with a price of its own has the script's offers only if it names them. */
function withoutAccepts({ price, accepts }: Route, usual: Route): Route {
  return price !== undefined && accepts === undefined && usual.accepts !== undefined ? { accepts: undefined } : {}
}

function openRoute({ price = '$0.01', accepts = [{}], answer = { ok: true }, ...route }: Route): OpenRoute {
  const { description = 'A test', takes } = route
  if (!Array.isArray(accepts)) throw invalidOption('accepts', 'a list of offers')
  if (takes !== undefined) readMoneyText(takes, 'takes')
  const isFree = price === 'free'
  return { isFree, entries: isFree ? [] : accepts.map((offer) => toEntry(offer, price)), answer, description, takes }
}

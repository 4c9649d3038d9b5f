import { isJsonObject } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'

/** What the listing of a tool says about its price. It is advice: what is paid is what the tool asks for when it is called. */
export type AnnouncedPrice = {
  /** Such as `$0.01`, where the server names dollars. */
  readonly dollars: string | undefined
  /** What of an offer it names, in the server's words; amounts are atomic units. */
  readonly offer: Partial<PaymentRequirements> | undefined
}

/** Where servers of `agents/x402` 0.32 say that a tool has to be paid, and how much it costs. */
const IS_PAID = 'agents-x402/paymentRequired'
const DOLLARS = 'agents-x402/priceUSD'

/** What an offer in a listing may name. Source: apify/apify-mcp-server. */
const FACTS = ['scheme', 'network', 'asset', 'payTo', 'amount'] as const

/**
 * Reads what a listed tool announces as its price, without calling it. There is no standard for that: it reads what `agents/x402` and Apify write.
 *
 * @example
 * ```ts
 * const tool = { name: 'get_forecast', _meta: { 'agents-x402/paymentRequired': true, 'agents-x402/priceUSD': 0.01 } }
 * announcedPriceOf(tool)?.dollars //=> '$0.01'
 * ```
 *
 * @param tool - One of the tools that `listTools` returned.
 * @returns The server's word, to be shown as such; `undefined` when it announces nothing, and the tool may cost something all the same.
 */
export function announcedPriceOf(tool: object): AnnouncedPrice | undefined {
  const meta: unknown = Reflect.get(tool, '_meta')
  if (!isJsonObject(meta)) return undefined
  const price = meta[DOLLARS]
  const dollars = typeof price === 'number' && price >= 0 && price < 1e21 ? toDollars(price) : undefined
  const named = meta['x402']
  const facts = isJsonObject(named) ? FACTS.filter((fact) => isShort(named[fact])) : []
  const offer =
    isJsonObject(named) && facts.length > 0 ? Object.fromEntries(facts.map((fact) => [fact, named[fact]])) : undefined
  if (dollars === undefined && offer === undefined && meta[IS_PAID] !== true) return undefined
  return { dollars, offer }
}

/** Without an exponent, which numbers have from 10^21; less than a millionth of a dollar is no price. */
function toDollars(price: number): string {
  const text = price.toFixed(6).replace(/0+$/, '')
  return `$${text.replace(/\.(\d?)$/, (_, digit: string) => `.${digit.padEnd(2, '0')}`)}`
}

/** No offer has a longer one. */
function isShort(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 128
}

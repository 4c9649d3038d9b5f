import { assertOptions, invalidOption } from '../errors/options.js'
import { writeResource } from '../payment/call.js'
import type { Recalled } from '../payment/ports.js'
import { type Envelope, type PaymentRequired, readEnvelope } from '../wire/challenge.js'
import { readUrl } from '../wire/host.js'
import { freezeCopy, toPlainObject } from '../wire/json.js'
import { type PaymentRequirements, readRequirements, toLasting } from '../wire/requirements.js'
import { type Route, readRoute } from './routes.js'

/**
 * A route that is paid for with the first request, without asking what it costs.
 *
 * @example
 * ```ts
 * new x402Client({ prepay: [{ route: 'GET https://api.example.com/weather/*' }] })
 * ```
 */
export type PrepayOptions = {
  /**
   * Which calls: an address without a query, `'https://api.example.com/weather'`; all below one, which have the same price,
   * `'https://api.example.com/weather/*'`; or an origin, `'https://api.example.com'`, where each address has its own price. A method may stand
   * before it; without one, each method has its own price. Over MCP a tool has the address that `payments()` lists: `'stdio:weather/get_forecast'`.
   */
  route: string
  /**
   * What it costs, as a `402` says it, if you know that ahead: from a quote that you kept, or a file of the seller's that you trust. Nothing is
   * paid ahead that is more, or goes to another recipient, in another asset or on another network.
   *
   * @default what this client last paid there, within ten minutes
   */
  terms?:
    | (Omit<PaymentRequired, 'accepts'> & {
        accepts: readonly (Omit<PaymentRequirements, 'amount'> & { amount: string })[]
      })
    | undefined
  /**
   * What becomes of a call whose payment the seller answers with other terms: `'refuse'` ends it with `PRICE_CHANGED`; `'pay-new'` pays the new
   * terms, once, if the limits allow both amounts together, in one asset. Either way the first authorization counts until it's proven dead.
   *
   * @default 'refuse'
   */
  onChange?: 'refuse' | 'pay-new' | undefined
}

/** A route that was read. */
export type PrepayRule = {
  readonly route: Route
  readonly terms: Envelope | undefined
  readonly onChange: Recalled['onChange']
}

/**
 * Reads which routes are prepaid.
 *
 * @param options - Untrusted.
 * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
 */
export function readPrepay(options: unknown): readonly PrepayRule[] {
  if (!Array.isArray(options)) throw invalidOption('prepay', 'a list such as [{ route: "https://api.example.com" }]')
  return options.map((one: unknown, index) => {
    const where = `prepay[${index}]`
    assertOptions(one, where, ['route', 'terms', 'onChange'])
    const { route, terms, onChange = 'refuse' } = one as Partial<PrepayOptions> // its keys are known, its values are read here
    if (onChange !== 'refuse' && onChange !== 'pay-new')
      throw invalidOption(`${where}.onChange`, "'refuse' or 'pay-new'")
    return { route: readRoute(route, `${where}.route`), terms: readTerms(terms, `${where}.terms`), onChange }
  })
}

/** A rule that names a call, and under which name the price of that call is remembered. */
export type FoundRule = { readonly rule: PrepayRule; readonly name: string }

/**
 * Finds the first rule that names a call.
 *
 * @param resource - As `writeResource` writes it; `undefined` where that is unknown.
 */
export function findRule(rules: readonly PrepayRule[], resource: string | undefined): FoundRule | undefined {
  if (resource === undefined) return undefined
  for (const rule of rules) {
    const name = rule.route(resource)
    if (name !== undefined) return { rule, name }
  }
  return undefined
}

/** Finds the first rule that names a call, by its method and address. */
export function findNamed(
  rules: readonly PrepayRule[],
  { method, url }: { readonly method: string; readonly url: string | undefined },
): FoundRule | undefined {
  const read = readUrl(url ?? '')
  return findRule(rules, read && writeResource(method, read))
}

function readTerms(terms: unknown, where: string): Envelope | undefined {
  if (terms === undefined) return undefined
  const plain = toPlainObject(terms)
  const decoded = 'value' in plain ? readEnvelope(plain.value) : plain
  if ('problem' in decoded) throw invalidOption(where, `terms as a 402 has them; ${decoded.problem}`)
  const { accepts, x402Version } = decoded.value
  const [first = { problem: 'there is no entry' }, ...more] = accepts.map((one) => readRequirements(one, x402Version))
  if ('problem' in first && more.every((one) => 'problem' in one))
    throw invalidOption(`${where}.accepts`, `entries as a 402 has them; ${first.problem}`)
  return toLastingEnvelope(decoded.value)
}

/** Leaves out what the seller wrote for one request alone. */
export function toLastingEnvelope(envelope: Envelope): Envelope {
  return { ...envelope, accepts: freezeCopy(envelope.accepts.map(toLasting)) }
}

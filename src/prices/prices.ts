import { writeResource } from '../payment/call.js'
import type { Clock } from '../payment/clock.js'
import type { Prices } from '../payment/ports.js'
import { isSameAddress } from '../wire/address.js'
import type { Envelope } from '../wire/challenge.js'
import { readUrl } from '../wire/host.js'
import { isSameJson } from '../wire/json.js'
import { type PaymentRequirements, readRequirements } from '../wire/requirements.js'
import type { PrepayRule } from './rules.js'

/** Most routes whose price is remembered; the one that was paid longest ago goes first. */
const MAX_ROUTES = 1_000

/** For how long a price is remembered after something was delivered at it, in seconds. */
const REMEMBERED_SECONDS = 600

/** Longest terms that are remembered, in characters of JSON. */
const MAX_LENGTH = 16 * 1024

/** How often a price must have held before a route is prepaid again whose price changed, or whose seller took a payment for something else. */
const HELD_AFTER_CHANGE = 2

/** What is known of one route. */
type Price = {
  readonly envelope: Envelope | undefined
  readonly atSeconds: number
  /** How often something was delivered at it in a row. */
  readonly held: number
  readonly needed: number
}

type Asked = { readonly method: string; readonly url: string | URL | undefined }

/** Remembers the prices of the routes that may be prepaid, for one client, in memory. */
export function createPrices(rules: readonly PrepayRule[], clock: Clock): Prices {
  const prices = new Map<string, Price>()

  function find({ method, url }: Asked) {
    const read = typeof url === 'string' ? readUrl(url) : url
    if (read === undefined) return undefined
    const resource = writeResource(method, read)
    for (const rule of rules) {
      const name = rule.route(resource)
      if (name !== undefined) return { rule, name }
    }
    return undefined
  }

  function set(name: string, price: Price): void {
    prices.delete(name)
    prices.set(name, price)
    if (prices.size <= MAX_ROUTES) return
    for (const oldest of prices.keys()) {
      prices.delete(oldest)
      return
    }
  }

  return {
    recall(call) {
      const found = find(call)
      if (found === undefined) return undefined
      const { rule, name } = found
      const price = prices.get(name)
      const envelope = price === undefined ? rule.terms : priceNow(price)
      if (envelope === undefined || (rule.terms !== undefined && !isWithin(envelope, rule.terms))) return undefined
      return { envelope, onChange: rule.onChange }
    },
    remember(call, delivered) {
      const found = isRedirected(call) ? undefined : find(call)
      if (found === undefined || JSON.stringify(delivered).length > MAX_LENGTH) return
      const envelope = isForAll(delivered, found.name) ? delivered : { ...delivered, resource: undefined }
      const before = prices.get(found.name)
      const isSame = before?.envelope !== undefined && isSameJson(before.envelope.accepts, envelope.accepts)
      const held = isSame ? before.held + 1 : 1
      set(found.name, { envelope, atSeconds: clock.nowSeconds(), held, needed: before?.needed ?? 1 })
    },
    forget(call) {
      const found = find(call)
      if (found === undefined || (!prices.has(found.name) && found.rule.terms === undefined)) return
      const price = { envelope: undefined, atSeconds: clock.nowSeconds(), held: 0, needed: HELD_AFTER_CHANGE }
      set(found.name, price)
    },
  }

  function priceNow({ envelope, atSeconds, held, needed }: Price): Envelope | undefined {
    const age = clock.nowSeconds() - atSeconds
    return held >= needed && age >= 0 && age < REMEMBERED_SECONDS ? envelope : undefined
  }
}

/** Where a redirect led to what was paid, the price isn't that of the address that will be asked. */
function isRedirected({ method, url, asked }: Parameters<Prices['remember']>[0]): boolean {
  const wrote = asked()
  return url === undefined || (wrote !== undefined && wrote !== writeResource(method, url))
}

/** Whether what the seller calls the resource is true of each call that this price is for, and has nothing of the one that was paid. */
function isForAll({ resource }: Envelope, name: string): boolean {
  return !name.endsWith('*') && !/[?#]/.test(String(resource?.['url']))
}

/** Whether all that may be paid is what the caller said ahead, or less of it. */
function isWithin(envelope: Envelope, given: Envelope): boolean {
  const entries = ({ accepts, x402Version }: Envelope) => accepts.map((entry) => readRequirements(entry, x402Version))
  const most = entries(given)
  return entries(envelope).every(
    (entry) => 'value' in entry && most.some((one) => 'value' in one && isAtMost(entry.value, one.value)),
  )
}

function isAtMost(terms: PaymentRequirements, most: PaymentRequirements): boolean {
  const isSame = terms.scheme === most.scheme && terms.network === most.network
  const isSamePlace = isSameAddress(terms.asset, most.asset) && isSameAddress(terms.payTo, most.payTo)
  return isSame && isSamePlace && BigInt(terms.amount) <= BigInt(most.amount)
}

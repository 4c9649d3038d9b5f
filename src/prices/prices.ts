import { writeResource } from '../payment/call.js'
import type { Clock } from '../payment/clock.js'
import type { Prices } from '../payment/ports.js'
import { isSameAddress } from '../wire/address.js'
import type { Envelope } from '../wire/challenge.js'
import { isSameJson } from '../wire/json.js'
import { type PaymentRequirements, readRequirements } from '../wire/requirements.js'
import { type FoundRule, findNamed, findRule, type PrepayRule, toLastingEnvelope } from './rules.js'

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

/** Remembers the prices of the routes that may be prepaid, for one client, in memory. */
export function createPrices(rules: readonly PrepayRule[], clock: Clock): Prices {
  const prices = new Map<string, Price>()

  function set(name: string, price: Omit<Price, 'atSeconds'>): void {
    prices.delete(name)
    prices.set(name, { ...price, atSeconds: clock.nowSeconds() })
    if (prices.size <= MAX_ROUTES) return
    for (const oldest of prices.keys()) {
      prices.delete(oldest)
      return
    }
  }

  /** Forgets a price until one has held `needed` times; by default, as often as it had to before. */
  function drop(found: FoundRule | undefined, needed?: number): void {
    if (found === undefined) return
    const { rule, name } = found
    const price = prices.get(name)
    if (price === undefined && rule.terms === undefined) return
    set(name, { envelope: undefined, held: 0, needed: needed ?? price?.needed ?? 1 })
  }

  function forget({ method, url, asked }: PricedCall): void {
    for (const resource of [asked(), url && writeResource(method, url)]) {
      drop(findRule(rules, resource), HELD_AFTER_CHANGE)
    }
  }

  return {
    recall(call) {
      const found = findNamed(rules, call)
      if (found === undefined) return undefined
      const { rule, name } = found
      const price = prices.get(name)
      const envelope = price === undefined ? rule.terms : priceNow(price)
      if (envelope === undefined || (rule.terms !== undefined && !isWithin(envelope, rule.terms))) return undefined
      return { envelope, onChange: rule.onChange }
    },
    remember(call, delivered) {
      // Where a redirect led to what was paid, the price isn't that of the address that will be asked.
      if (isRedirected(call)) return forget(call)
      const found = findRule(rules, call.asked())
      if (found === undefined || JSON.stringify(delivered).length > MAX_LENGTH) return
      const lasting = toLastingEnvelope(delivered)
      const envelope = isForAll(lasting, found.name) ? lasting : { ...lasting, resource: undefined }
      const before = prices.get(found.name)
      const isSame = before?.envelope !== undefined && isSameJson(before.envelope.accepts, envelope.accepts)
      set(found.name, { envelope, held: isSame ? before.held + 1 : 1, needed: before?.needed ?? 1 })
    },
    forget,
    setAside: ({ asked }) => drop(findRule(rules, asked())),
  }

  function priceNow({ envelope, atSeconds, held, needed }: Price): Envelope | undefined {
    const age = clock.nowSeconds() - atSeconds
    return held >= needed && age >= 0 && age < REMEMBERED_SECONDS ? envelope : undefined
  }
}

/** A call whose price is told. */
type PricedCall = Parameters<Prices['remember']>[0]

function isRedirected({ method, url, asked }: PricedCall): boolean {
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
  const isSameExposure = PRICED_BY_AMOUNT.includes(terms.scheme) || isSameJson(terms.extra, most.extra)
  return isSame && isSamePlace && isSameExposure && BigInt(terms.amount) <= BigInt(most.amount)
}

/** Schemes whose `amount` alone says what others can take. Any other may ask for more in `extra`, such as a deposit. */
const PRICED_BY_AMOUNT: readonly string[] = ['exact', 'upto']

import { expect, it } from 'vitest'
import { BEGIN, PAY, type Payer, QUOTE } from '../../../src/client/payer.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import type { Exchange } from '../../../src/payment/exchange.js'
import { createBuyer } from '../../support/create-buyer.js'
import { sell } from '../../support/offers.js'
import { openSeller } from '../../unit/fetch/open-seller.js'

/** What a wrapper could see: with what each of its functions was called, on what, and what the client gave it. */
type Seen = Set<unknown>

/** Sees all that is handed to a function, and what comes of the promises among it. */
function spyOn(call: (...given: unknown[]) => unknown, seen: Seen, own: object): unknown {
  return function spied(this: unknown, ...given: unknown[]) {
    for (const one of [this, ...given]) {
      if (one !== own) seen.add(one)
      if (one instanceof Promise) one.then(seen.add.bind(seen), seen.add.bind(seen))
    }
    return call(...given)
  }
}

/** The same object, each of whose functions tells what it's handed. */
function watch<T extends object>(own: T, seen: Seen): T {
  const watched: object = {}
  for (const name of Object.keys(own)) {
    const value: unknown = Reflect.get(own, name)
    const isCalled = typeof value === 'function'
    const shown = isCalled ? spyOn(value.bind(own), seen, watched) : value
    const get = () => (isCalled || typeof value !== 'object' ? shown : Reflect.get(own, name))
    Object.defineProperty(watched, name, { get, enumerable: true })
  }
  return watched as T // the same members
}

/** A wrapper of a tool's own: that of `fetch`, which looks at all that it's handed. */
function lookThrough(payer: Payer, seen: Seen): Payer {
  const show = <Native>(exchange: Exchange<Native>): Exchange<Native> => {
    const { read } = exchange
    const own = { ...exchange, given: watch(exchange.given, seen) }
    Object.defineProperty(own, 'native', { get: () => exchange.native, enumerable: true })
    const watched = watch(own, seen)
    const reading = async (...given: Parameters<typeof read>) => {
      for (const one of given) seen.add(one)
      const asked = await read(...given)
      return 'free' in asked ? asked : { ...asked, exchange: watched }
    }
    return Object.create(watched, { read: { value: reading, enumerable: true } })
  }
  return {
    [PAY]: (exchange) => payer[PAY](show(exchange)),
    [QUOTE]: (exchange) => payer[QUOTE](show(exchange)),
    [BEGIN](key, begun) {
      const handle = payer[BEGIN]?.(key, begun && watch(begun, seen))
      seen.add(handle)
      return handle
    },
  }
}

/** The platform's own lead everywhere, and to nothing of the client's. */
function isOfPlatform(one: object): boolean {
  return one instanceof AbortSignal || one instanceof Response || one instanceof URL || one === globalThis
}

function listMembers(one: object): unknown[] {
  const held = one instanceof Map ? [...one.keys(), ...one.values()] : one instanceof Set ? [...one] : []
  return [...held, ...Reflect.ownKeys(one).map((key) => Reflect.get(one, key))]
}

/** Everything that can be reached from what was seen by reading. */
function reach(seen: Seen): ReadonlySet<object> {
  const reached = new Set<object>()
  const waiting = [...seen]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if ((typeof one !== 'object' && typeof one !== 'function') || one === null) continue
    if (reached.has(one) || isOfPlatform(one)) continue
    reached.add(one)
    waiting.push(...listMembers(one))
  }
  return reached
}

const secrets = ['assess', 'reserve', 'createPaymentPayload', 'signTypedData', 'limits', 'purchases', 'bought']

it.each([
  ['a purchase of its own', {}],
  ['one under a key', { purchase: 'order-7' }],
  ['one that joins', { inFlight: 'join' }],
  ['one with options of every kind', { tags: ['a'], max: '$1', approve: () => true, delivers: [404] }],
] as const)(
  'a wrapper of anyone’s is handed nothing that leads to limits, a ledger or a key, by %s',
  async (_name, x402) => {
    const seller = await openSeller(sell)
    const { client } = createBuyer({ limits: { perDay: '$1' }, delivers: [410] })
    client.onPaymentRequired(() => ({ headers: { 'x-member': 'yes' } }))
    const seen: Seen = new Set()
    const paidFetch = wrapFetchWithPayment(
      fetch,
      lookThrough(client.restrict({ reach: 'anywhere', name: 'agent', total: '$1' }), seen),
    )
    await Promise.all([1, 2].map(() => paidFetch(seller.url, { x402 }).then((response) => response.text())))
    await paidFetch.quote(seller.url, { x402 })
    const reached = reach(seen)
    expect(reached.size).toBeGreaterThan(5)
    for (const one of reached) for (const secret of secrets) expect(secret in one, secret).toBe(false)
    // A list that was handed on isn't one of the client's own to be added to.
    for (const one of reached) if (Array.isArray(one)) expect(Object.isFrozen(one)).toBe(true)
  },
)

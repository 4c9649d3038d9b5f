import type { MoneyState } from '../errors/x402-error.js'
import type { PayableRequest } from '../payment/exchange.js'
import { type Flight, type Flights, type Joined, type KeyedCall, senderOf } from '../payment/flight/flight.js'
import type { Ledger } from '../payment/ledger.js'
import { paymentOf } from '../payment/summary.js'

/** A call that waits for the response of another one. */
type Waiting = {
  readonly begun: Begun | undefined
  resolve(copy: Copy | undefined): void
  reject(error: unknown): void
  isGone: boolean
}

/** A purchase that runs: whose wallets pay, and who waits for its response. */
type Running = Facts & {
  readonly owner: object
  readonly waiting: Waiting[]
  /** Hands out its response, whose body flows; `undefined` while there is none. */
  later: (() => object | undefined) | undefined
}

/** What decides who is given the response of a purchase. */
type Facts = Pick<Flight, 'request' | 'variant' | 'client' | 'isRestricted' | 'credentials' | 'hasLeft'> & {
  readonly kind: unknown
  readonly sender: object | undefined
}

type Copy = { readonly response: object; discard(): void }

/** What was bought by an equal call while this one waited for its own 402. */
type Bought = Facts & { readonly money: MoneyState; copy: Copy | undefined }

/** A call that has no 402 yet. Others that began under the same text may be equal. */
type Begun = {
  readonly key: string
  readonly body: string | undefined
  readonly bought: Map<string, Bought>
  end(): void
}

/** What is known of a call that began, which no wrapper is shown: what others buy is kept there for it. */
const begunCalls = new WeakMap<KeyedCall, Begun>()

/**
 * How many purchases are kept for one call that waits for its 402, and how many responses of them. Then the oldest goes: first its response, of
 * which it's still known that it was bought.
 */
const MAX_BOUGHT = 1000
const MAX_COPIES = 16

/** What all clients of one ledger have under way. */
type Board = {
  /** By the names of purchases. */
  readonly running: Map<string, Set<Running>>
  /** How many purchases of one name there are that nobody joins. */
  readonly alone: Map<string, number>
  readonly begun: Map<string, Set<Begun>>
  /** What ends the sharing of each response whose body flows. */
  readonly flowing: Set<() => void>
}

/** Most responses that are kept while they flow; then the oldest isn't any more. Of each, 1 MiB at most is. */
const MAX_FLOWING = 64

const boards = new WeakMap<Ledger, Board>()

/**
 * Creates the purchases that one client has under way in this process. A call that joins one is given the same response, through whichever
 * client of the same ledger it comes; through another door it is told that the purchase is under way.
 *
 * @param ledger - Clients that share it see each other's purchases.
 * @param owner - Stands for the wallets of the client.
 */
export function createFlights(ledger: Ledger, owner: object): Flights {
  const { running, alone, begun, flowing } = boardOf(ledger)

  function begin(key: string, body?: string): KeyedCall {
    const call: Begun = {
      key,
      body,
      bought: new Map(),
      end() {
        const others = begun.get(key)
        others?.delete(call)
        if (others?.size === 0) begun.delete(key)
        for (const { copy } of call.bought.values()) copy?.discard()
        call.bought.clear()
      },
    }
    begun.set(key, (begun.get(key) ?? new Set()).add(call))
    const handle: KeyedCall = Object.freeze({ end: () => call.end() })
    begunCalls.set(handle, call)
    return handle
  }

  /** What another call bought while this one waited for its 402; from here on it waits no longer, unless it may still ask for one. */
  function takeBought(flight: Flight): Joined | undefined {
    const call = findBegun(flight)
    const bought = call?.bought.get(nameOf(flight))
    call?.bought.delete(nameOf(flight))
    if (!flight.isAhead) call?.end()
    if (bought === undefined) return undefined
    const { copy, money } = bought
    const isSame = bought.request === flight.request
    if (isSame && copy !== undefined && isFor(flight, bought) && flight.inFlight === 'join') {
      const isStalled = () => false
      return { response: Promise.resolve(copy.response), isOwn: true, isStalled, leave: () => copy.discard() }
    }
    copy?.discard()
    if (isForeign(flight, bought)) return undefined
    return isSame ? { money } : { isAnotherRequest: true }
  }

  /** Hands the response out before the first caller can read it: a body that was read can't be split. */
  function handOut(flight: Flight, { waiting }: Running, response: object): object {
    const { exchange } = flight
    const self = findBegun(flight)
    const { key, body } = self ?? {}
    const money = paymentOf(response)?.money
    // What cost nothing isn't kept for calls that weren't asked to pay yet.
    const begunAlike = money === undefined || key === undefined ? [] : [...(begun.get(key) ?? [])]
    const here = waiting.filter(({ isGone }) => !isGone)
    const isServed = (one: Begun) => one === self || here.some((waits) => waits.begun === one)
    const isAlike = (one: Begun) => one.body === undefined || body === undefined || one.body === body
    const later = begunAlike.filter((one) => isAlike(one) && !isServed(one))
    const [own = response, ...shared] = flight.share(response, here.length + later.length)
    const copies = shared.map((copy): Copy => ({ response: copy, discard: () => exchange.discard(copy) }))
    for (const { resolve } of here) resolve(copies.shift())
    for (const { bought } of later) {
      bought.get(nameOf(flight))?.copy?.discard()
      bought.delete(nameOf(flight)) // the newest comes last
      bought.set(nameOf(flight), { ...toFacts(flight), money: money ?? 'untouched', copy: copies.shift() })
      bound(bought)
    }
    return own
  }

  /** A tool that asks again while the body still flows would buy twice. */
  function takeFlowing(flight: Flight): Joined | undefined {
    for (const one of running.get(flight.purchase) ?? []) {
      const isEqual = one.request === flight.request && one.variant === flight.variant && isFor(flight, one)
      const copy = isEqual ? one.later?.() : undefined
      if (copy === undefined) continue
      const leave = () => flight.exchange.discard(copy)
      return { response: Promise.resolve(copy), isOwn: one.owner === owner, isStalled: () => false, leave }
    }
    return undefined
  }

  function keepFlowing(land: () => void): void {
    const [oldest] = flowing
    if (flowing.size >= MAX_FLOWING) oldest?.()
    flowing.add(land)
  }

  return {
    begin,
    join(flight) {
      const bought = takeBought(flight)
      if (bought !== undefined) return bought
      const { purchase, request, variant, inFlight } = flight
      const flying = [...(running.get(purchase) ?? [])].filter((one) => !isForeign(flight, one) && !one.later)
      if (inFlight === 'refuse') return flying.length > 0 || alone.has(purchase) ? { money: 'in-doubt' } : undefined
      if (flying.some((one) => one.request !== request)) return { isAnotherRequest: true }
      const equal = flying.find((one) => isFor(flight, one) && one.variant === variant)
      if (equal !== undefined) return waitFor(equal, flight, equal.owner === owner)
      // What asks for another form of the same through this door is another call; all else is the same, and not this call's to have.
      const isInTheWay = flying.some((one) => !isFor(flight, one) || one.variant === variant)
      return isInTheWay ? { money: 'in-doubt' } : takeFlowing(flight)
    },
    boughtSince: (call, purchase) => begunCalls.get(call)?.bought.get(purchase)?.money,
    async run<T extends object>(flight: Flight, start: () => Promise<T>): Promise<T> {
      const { purchase } = flight
      const flying: Running = { ...toFacts(flight), owner, waiting: [], later: undefined }
      const equal = running.get(purchase) ?? new Set()
      const land = () => {
        flowing.delete(land)
        if (equal.delete(flying) && equal.size === 0) running.delete(purchase)
      }
      running.set(purchase, equal.add(flying))
      try {
        const response = await start()
        const own = handOut(flight, flying, response)
        flying.later = flight.shareLater(land)
        if (flying.later === undefined) land()
        else keepFlowing(land)
        return own as T // of the same wrapper
      } catch (error) {
        land()
        const here = flying.waiting.filter(({ isGone }) => !isGone)
        const errors = flight.shareError(error, here.length)
        for (const [index, { reject }] of here.entries()) reject(errors[index])
        throw error
      }
    },
    enter(purchase) {
      alone.set(purchase, (alone.get(purchase) ?? 0) + 1)
      return () => {
        const others = (alone.get(purchase) ?? 1) - 1
        if (others === 0) alone.delete(purchase)
        else alone.set(purchase, others)
      }
    },
  }
}

/** Lets go of the oldest, so that a call whose 402 never comes holds no more than that. */
function bound(bought: Map<string, Bought>): void {
  const held = [...bought.values()].filter(({ copy }) => copy !== undefined)
  const [oldest] = held
  if (oldest !== undefined && held.length > MAX_COPIES) {
    oldest.copy?.discard()
    oldest.copy = undefined
  }
  const [first] = bought.keys()
  if (first !== undefined && bought.size > MAX_BOUGHT) bought.delete(first)
}

/** The call as `begin` noted it; `undefined` for one that no `begin` made. */
function findBegun({ exchange: { keyedCall } }: Flight): Begun | undefined {
  return keyedCall && begunCalls.get(keyedCall)
}

function boardOf(ledger: Ledger): Board {
  const board = boards.get(ledger) ?? { running: new Map(), alone: new Map(), begun: new Map(), flowing: new Set() }
  boards.set(ledger, board)
  return board
}

function waitFor({ waiting, client, hasLeft }: Running, flight: Flight, isOwn: boolean): Joined {
  let one: Waiting | undefined
  const coming = new Promise<Copy | undefined>((resolve, reject) => {
    one = { begun: findBegun(flight), resolve, reject, isGone: false }
    waiting.push(one)
  })
  const response = coming.then((copy) => copy?.response)
  response.catch(() => undefined) // it may fail while the limits of the waiting call are still asked
  return {
    response,
    isOwn,
    isStalled: () => client !== flight.client && !hasLeft(),
    leave() {
      if (one !== undefined) one.isGone = true
      void coming.then(
        (copy) => copy?.discard(),
        () => undefined,
      )
    },
  }
}

/** Calls of one name are equal. */
function nameOf({ purchase, variant }: Flight): string {
  return variant === '' ? purchase : `${purchase} ${variant}`
}

function toFacts({ request, variant, client, isRestricted, credentials, hasLeft, exchange }: Flight): Facts {
  const [kind, sender] = [kindOf(exchange), senderOf(exchange)]
  return { request, variant, client, isRestricted, credentials, hasLeft, kind, sender }
}

/** Whether a response is of use to a call of the same request, and its caller's to have: one key may be used by several callers. */
function isFor({ client, credentials, exchange }: Flight, facts: Facts): boolean {
  if (facts.kind !== kindOf(exchange)) return false
  return facts.client === client || (facts.credentials === credentials && isBelieved(exchange, facts))
}

/** A tool may make up what it says that a seller responded; what sends this call's own request is believed. */
function isBelieved(exchange: PayableRequest<object>, { isRestricted, sender }: Facts): boolean {
  return !isRestricted || (sender !== undefined && sender === senderOf(exchange))
}

/**
 * Whether a purchase is none of a call's business: another client makes it by something else that sends, which may make responses up. Without
 * a key nothing says that the two are one purchase.
 */
function isForeign({ client, request, exchange }: Flight, facts: Facts): boolean {
  return request === undefined && facts.client !== client && !isBelieved(exchange, facts)
}

/** What kind of response a wrapper hands out: that of one wrapper is no use to another. */
function kindOf(exchange: PayableRequest<object>): unknown {
  // One that anyone made may not say, and then has a response; ours all do.
  return exchange.kind ?? Object.getPrototypeOf(new Object(Reflect.get(exchange, 'native')))
}

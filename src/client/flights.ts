import type { MoneyState } from '../errors/x402-error.js'
import type { Exchange, Flight, Flights, Joined, KeyedCall } from '../payment/exchange.js'
import type { Ledger } from '../payment/ledger.js'
import { copyPayment, paymentOf } from '../payment/summary.js'

/** A purchase that runs: who runs it, and who waits for its response. */
type Running = {
  readonly owner: object
  readonly request: string | undefined
  readonly kind: unknown
  readonly waiting: { resolve(response: object): void; reject(error: unknown): void }[]
}

/** What was bought under a call's key while it waited for its own 402: a copy of the response where it's that call's to have. */
type Bought = {
  readonly request: string | undefined
  readonly kind: unknown
  readonly money: MoneyState
  readonly copy: Copy | undefined
}
type Copy = { readonly response: Promise<object>; discard(): void }

/** A call under a key that has no 402 yet. */
type Begun = KeyedCall & { readonly owner: object; readonly bought: Map<string, Bought> }

/** What all clients of one ledger have under way. */
type Board = { readonly running: Map<string, Running>; readonly begun: Map<string, Set<Begun>> }

const boards = new WeakMap<Ledger, Board>()

/**
 * Creates the purchases that one client has under way under keys of the caller's: one key is one purchase. Whoever asks for it
 * meanwhile through the same client is given the same response; other clients of the same ledger are told that it is under way.
 *
 * @param ledger - Clients that share it see each other's purchases.
 */
export function createFlights(ledger: Ledger): Flights {
  const owner = {}
  const { running, begun } = boardOf(ledger)

  function begin(key: string): KeyedCall {
    const call: Begun = {
      owner,
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
    return call
  }

  /** What another call bought while this one waited for its 402; from here on it waits no longer. */
  function takeBought({ purchase, request, exchange }: Flight): Joined | undefined {
    const call = exchange.keyedCall as Begun | undefined // `begin` made it
    const bought = call?.bought.get(purchase)
    call?.bought.delete(purchase)
    call?.end()
    if (bought === undefined) return undefined
    if (bought.request !== request) {
      bought.copy?.discard()
      return { isAnotherRequest: true }
    }
    if (bought.copy !== undefined && bought.kind === kindOf(exchange)) return { response: bought.copy.response }
    bought.copy?.discard()
    return { money: bought.money }
  }

  /** Told before the first caller can read the response: a body that was read can't be copied. */
  function tellOthers({ purchase, request, key, exchange }: Flight, response: object): void {
    const money = paymentOf(response)?.money
    if (money === undefined) return // it cost nothing, so that there is nothing to share
    for (const call of begun.get(key) ?? []) {
      call.bought.get(purchase)?.copy?.discard()
      const copy = call.owner === owner ? createCopy(response, exchange) : undefined
      call.bought.set(purchase, { request, kind: kindOf(exchange), money, copy })
    }
  }

  return {
    begin,
    join(flight) {
      const bought = takeBought(flight)
      const flying = running.get(flight.purchase)
      if (bought !== undefined || flying === undefined) return bought
      if (flying.request !== flight.request) return { isAnotherRequest: true }
      if (flying.owner !== owner || flying.kind !== kindOf(flight.exchange)) return { money: 'in-doubt' }
      return { response: new Promise((resolve, reject) => flying.waiting.push({ resolve, reject })) }
    },
    async run(flight, start) {
      const flying: Running = { owner, request: flight.request, kind: kindOf(flight.exchange), waiting: [] }
      running.set(flight.purchase, flying)
      try {
        const response = await start()
        running.delete(flight.purchase)
        for (const { resolve } of flying.waiting) resolve(createCopy(response, flight.exchange).response)
        tellOthers(flight, response)
        return response
      } catch (error) {
        running.delete(flight.purchase)
        for (const { reject } of flying.waiting) reject(error)
        throw error
      }
    },
  }
}

function boardOf(ledger: Ledger): Board {
  const board = boards.get(ledger) ?? { running: new Map(), begun: new Map() }
  boards.set(ledger, board)
  return board
}

function createCopy(response: object, exchange: Exchange<object>): Copy {
  const copying = (async () => copyPayment(response, exchange.duplicate(response)))()
  copying.catch(() => undefined) // told to whoever takes the copy, if anybody does
  return {
    response: copying,
    discard: () =>
      void copying.then(
        (copy) => exchange.discard(copy),
        () => undefined,
      ),
  }
}

/** What kind of response a wrapper hands out: that of one wrapper is no use to another. */
function kindOf({ native, kind }: Exchange<object>): unknown {
  return kind ?? Object.getPrototypeOf(native)
}

import type { MoneyState } from '../../errors/x402-error.js'
import type { InFlight, PayableRequest } from '../exchange.js'

/** Purchases in flight in this process, by their exact names. */
export type Flights = {
  /**
   * Notes that a call begins which may join others. If an equal one is bought before this call's own terms arrive, this call shares in it.
   *
   * @param key - The caller's key, or a text that equal calls without one have in common.
   * @param body - Its body, where that is known without reading it: calls with another one aren't equal.
   */
  begin(key: string, body?: string): KeyedCall
  /** Joins what another call is buying, or bought while this one waited for its terms; `undefined` when this call is to buy. */
  join(flight: Flight): Joined | undefined
  /** Where the money is of what was bought under a name since a call began; `undefined` when nothing was. */
  boughtSince(call: KeyedCall, purchase: string): MoneyState | undefined
  /** Runs the purchase. Every call that joins in the meantime is given a copy of the response, or the error. */
  run<T extends object>(flight: Flight, start: () => Promise<T>): Promise<T>
  /** Notes a purchase that no other call joins, so that calls which refuse see it. Returns what ends that. */
  enter(purchase: string): () => void
}

/** A call that may join others, from the moment it begins. Its wrapper ends it, however it turned out. */
export type KeyedCall = { end(): void }

/** One call that was asked to pay, and shares its purchase with others. */
export type Flight = {
  readonly purchase: string
  /** What else its request asks for, without a key: others of the purchase that ask for something else aren't equal. */
  readonly variant: string
  /** Under a key, the name of its request: another request under the same key has another one. */
  readonly request: string | undefined
  /** Which client makes it. */
  readonly client: object
  /** Whether that was made by `restrict`, so that it may be anyone's: through another client, its response is given only to calls with the same sender. */
  readonly isRestricted: boolean
  /** What its request says of the caller and the names of its purchase don't: through another client, a response is given only to the same caller. */
  readonly credentials: string
  readonly inFlight: Exclude<InFlight, 'separate'>
  /** It's prepaid, and may ask its seller after all: what others buy until then is kept for it. */
  readonly isAhead: boolean
  /** Whether its payment has left, once it runs; until then someone may be asked who never answers. */
  hasLeft(): boolean
  readonly exchange: PayableRequest<object>
  /**
   * Hands out its response: first for the call itself, then so many more.
   *
   * @returns The same response where no one else wants it.
   */
  share(response: object, others: number): readonly object[]
  /**
   * Goes on to hand it out while its body is read, to those who ask again.
   *
   * @param onEnd - Called once that is over.
   * @returns A copy for one more caller, or `undefined` when none can be made now; `undefined` when none ever can.
   */
  shareLater(onEnd: () => void): (() => object | undefined) | undefined
  /** Makes the errors of so many others who joined it, each with a response of its own. */
  shareError(error: unknown, others: number): readonly unknown[]
}

/**
 * What joining came to: a copy of the other call's response; or, when its response isn't this call's to have, where the other call's money
 * is; or that the key names another request.
 */
export type Joined =
  | {
      /** `undefined` when it came, and could not be copied. */
      readonly response: Promise<object | undefined>
      /** It was signed for by the same wallets. */
      readonly isOwn: boolean
      /** Whether another client's call has still sent nothing. */
      isStalled(): boolean
      /** Lets go of the copy, whether it is there or not. */
      leave(): void
    }
  | { readonly money: MoneyState }
  | { readonly isAnotherRequest: true }

/** What sends the requests of each exchange that a wrapper of ours made. */
const senders = new WeakMap<object, object>()

/**
 * Notes what sends the request of an exchange. It is frozen with what it was made from, so that its response is that sender's response to that
 * request, whoever hands it to a client. For wrappers of ours alone, and only where nothing of the call's own could answer instead.
 */
export function noteSender(exchange: Pick<PayableRequest, 'given'>, sender: object): void {
  senders.set(Object.freeze(exchange), sender)
  Object.freeze(exchange.given)
}

/** What sends the request of an exchange; `undefined` for one that anyone may have made, whose response may be made up. */
export function senderOf(exchange: PayableRequest<object>): object | undefined {
  return senders.get(exchange)
}

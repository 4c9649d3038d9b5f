import type { MoneyState } from '../errors/x402-error.js'
import type { Envelope } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { Call, CallGiven } from './call.js'
import type { MaybePromise } from './digest.js'
import type { Approve, MoneyInput } from './limits.js'
import type { Ports } from './ports.js'

/** What a seller responded to a payment, as a door reads it for the corridor. */
export type PaidResponse<Native = unknown> = {
  /** What the caller of the door is given. */
  readonly native: Native
  /** What the transport calls it; lists and events show it. */
  readonly status: number | undefined
  /**
   * What it means for what was bought, whatever its receipt says; `accepted` promises a response, and is one only beside a good
   * receipt.
   */
  readonly meaning: 'delivered' | 'accepted' | 'answered' | 'lost'
  /** It asks to be paid. */
  readonly isChallenge: boolean
  /** It may say that the payer has not allowed the tokens to be moved: then its reason does. */
  readonly mayLackAllowance: boolean
  /** "Not now": the same payment may succeed a moment later. */
  readonly isNotNow: boolean
  /** It is said to hold nothing, where something was bought. */
  readonly isEmpty: boolean
  /** Its receipt, or what is wrong with it; `undefined` when it has none. */
  readonly receipt: Decoded<SettleResponse> | undefined
  /**
   * The terms that it asks for.
   *
   * @param isExplained - The receipt says why already, so that nothing is worth waiting for.
   */
  readTerms(isExplained: boolean): MaybePromise<Envelope | undefined>
  /** For how long the seller asks not to be asked again, in milliseconds; infinite when that is longer than anyone waits. */
  readPauseMs(nowSeconds: number): number | undefined
  /** How far the seller's clock is from ours, where that is worth a word. */
  describeSkew(nowSeconds: number): string | undefined
}

/** A response that would have carried the payment elsewhere: where to, as far as the platform tells and as it may be shown. */
export type Misdirected = { readonly elsewhere: string | undefined }

/** Terms that a door read, or what is wrong with them. */
export type ReadTerms<Native> = {
  /** The address that asks; `undefined` where nobody says. */
  readonly url: string | undefined
  readonly terms: Decoded<Envelope>
  /** The exchange to go on with: terms that were old are asked for again. */
  readonly exchange: Exchange<Native>
}

/** Terms, or the response that asks for no money after all. */
export type TermsOrFree<Native> = ReadTerms<Native> | { readonly free: Native }

/**
 * One request that a seller answered with terms, and the means to send it again. A door has three verbs: it reads the terms of a
 * response, it sends the request with a payment, and it reads what came back.
 */
export type Exchange<Native = unknown> = {
  /** What the call is made from, but for what the client knows. */
  readonly given: Omit<CallGiven, 'limits' | 'purchases' | 'url'>
  readonly options: CallOptions | undefined
  /** The response at hand, which asks for money. */
  readonly native: Native
  /** The call as {@link Flights.begin} noted it when it began; `undefined` without a key, and from doors that don't. */
  readonly keyedCall?: KeyedCall | undefined
  /** The method changes nothing when it is repeated. */
  readonly isSafe: boolean
  /** What kind its copies are, and what others' copies must be for this door to take them; the prototype of the response when left out. */
  readonly kind?: object | undefined
  /**
   * How long the paid part of the call may take, in milliseconds, however often the payment is sent; `undefined` means as long as
   * the payment lives.
   */
  readonly paidTimeoutMs: number | undefined
  /** What a person is told beside a lost response; empty for nothing. */
  readonly lostHint?: string | undefined
  /**
   * Reads the terms.
   *
   * @param how - `asItIs` takes also what a cache held, for a price that isn't paid.
   * @returns Terms, or the response to hand over: the one at hand isn't x402, or the one to a second question costs nothing.
   * @throws {@link ChallengeError} when they came from elsewhere than what was asked; nothing was signed.
   */
  read(ports: Pick<Ports, 'trust' | 'warn'>, how?: { readonly asItIs: boolean }): MaybePromise<TermsOrFree<Native>>
  /**
   * Asserts that the request can be sent again as it was (R5), before anything is signed for it.
   *
   * @throws {@link DeliveryError} `BODY_NOT_REPLAYABLE` or `PAYMENT_HEADER_PRESENT`; nothing was signed.
   */
  assertRepeatable(call: Call): void
  /**
   * Sends the request without a payment once more, with what hooks add.
   *
   * @returns The response where it asks for no money; `undefined` when there is still something to pay.
   */
  askAgain(call: Call, headers: Readonly<Record<string, string>>): Promise<{ readonly free: Native } | undefined>
  /** Sends the request with a payment, to the origin that asked and nowhere else. */
  send(
    call: Call,
    payment: PaymentPayload,
    signal: AbortSignal | undefined,
  ): Promise<PaidResponse<Native> | Misdirected>
  /** Reads the response at hand to its end, so that its connection can be used again; stops when `until` is over. */
  drain(until: Promise<unknown>): Promise<void>
  /** Lets go of the response at hand, which nobody will read any more; unread it would hold its connection. */
  letGo(): void
  /** Lets go of another response that nobody will read. */
  discard(native: Native): void
  /** A second copy of a response, for another who asked for the same purchase. */
  duplicate(native: Native): Native
  /** Aborts what was sent last, whose response is no longer needed; doors whose requests end by themselves can leave it out. */
  abandon?(): void
}

/** What one call may say for itself. It can only tighten what the client allows. */
export type CallOptions = {
  /**
   * Names the purchase: the same key is the same purchase. Another request under it is refused; only its `Authorization` and `Cookie` may differ.
   *
   * @default the header `Idempotency-Key`, else method, address, body, tags, and the headers that say who the caller is
   */
  purchase?: string | undefined
  /** Labels that limits and reports can be scoped to. None may start with `client/`. @default none */
  tags?: readonly string[] | undefined
  /** Most that this call may cost, below what the limits allow. What it can't price is refused. @default what the limits allow */
  max?: MoneyInput | undefined
  /** Asked before anything is signed for this call, in addition to the `approve` of the limits. @default nobody is asked */
  approve?: Approve | undefined
  /**
   * Whether the same payment is presented again by itself when its response is lost or the seller says "not now": for GET and HEAD
   * and where the seller offers `payment-identifier` (`'safe'`), for every method, or never.
   *
   * @default 'safe'
   */
  redeliver?: 'safe' | 'always' | 'never' | undefined
  /**
   * Statuses from 400 to 599 that deliver what is bought, for sellers that charge for them: `[404]`. After any other failure the same
   * purchase presents the same payment.
   *
   * @default those of the client, which count in any case
   */
  delivers?: readonly number[] | undefined
}

/** Purchases in flight, by the caller's key. */
export type Flights = {
  /** Notes that a call under this key begins. What is bought under it until this call's own terms arrive is this call's, too. */
  begin(key: string): KeyedCall
  /** What another call buys, or bought while this one waited for its terms; `undefined` when it's this one's to buy. */
  join(flight: Flight): Joined | undefined
  /** Runs the purchase. Anyone who joins meanwhile is given a copy of the response, or the same error. */
  run<T extends object>(flight: Flight, start: () => Promise<T>): Promise<T>
}

/** A call under a key, from when it begins. Its door ends it, whatever became of it. */
export type KeyedCall = { end(): void }

/** One call that was asked to pay under a key. */
export type Flight = {
  readonly purchase: string
  /** The name of its request, which another request under the same key doesn't have. */
  readonly request: string | undefined
  /** As the caller wrote it. */
  readonly key: string
  readonly exchange: Exchange<object>
}

/**
 * The response of another call of this client; or where the money is, when the other belongs to somebody else; or that the other one's request
 * was another.
 */
export type Joined =
  | { readonly response: Promise<object> }
  | { readonly money: MoneyState }
  | { readonly isAnotherRequest: true }

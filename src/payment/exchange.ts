import type { X402Error } from '../errors/x402-error.js'
import type { Envelope } from '../wire/challenge.js'
import type { Decoded } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { SettleResponse } from '../wire/receipt.js'
import type { CallGiven, ShownCall } from './call.js'
import type { MaybePromise } from './digest.js'
import type { KeyedCall } from './flight/flight.js'
import type { Approve, MoneyInput } from './limits.js'
import type { Ports } from './ports.js'

/** A seller's response to a paid request, as the wrapper of fetch, axios or ky reads it for the steps. */
export type PaidResponse<Native = unknown> = {
  /** The platform's own response, which the caller is given. */
  readonly native: Native
  /** What the transport calls it; lists and events show it. */
  readonly status: number | undefined
  /**
   * What it means for what was bought, whatever its receipt says. `accepted` only promises a response; with a good receipt, it counts as
   * one.
   */
  readonly meaning: 'delivered' | 'accepted' | 'answered' | 'lost'
  /** It asks to be paid. */
  readonly isChallenge: boolean
  /** A cache has held it for a while, so what it asks for may be what another was asked, or no longer true. @default false */
  readonly isAged?: boolean | undefined
  /** It may mean that the payer has not allowed the tokens to be moved; the reason it gives decides. */
  readonly mayLackAllowance: boolean
  /** "Not now": the same payment may succeed a moment later. */
  readonly isNotNow: boolean
  /** Whether it brought nothing, although something was bought; `undefined` where its headers don't say. */
  readonly isEmpty: boolean | undefined
  /** Tells, at most once, whether its body is empty or broke off, when its reader has found out. Nothing waits for that. */
  readonly watchBody?: ((found: (isMissing: boolean) => void) => void) | undefined
  /** Its receipt, or what is wrong with it; `undefined` when it has none. */
  readonly receipt: Decoded<SettleResponse> | undefined
  /**
   * Reads the terms that it asks for.
   *
   * @param isExplained - Whether the receipt already gives the reason, so that no body is worth waiting for.
   * @returns The terms; `undefined` when it has none that can be read.
   */
  readTerms(isExplained: boolean): MaybePromise<Envelope | undefined>
  /** How long the seller asks the buyer to wait, in milliseconds; infinite when that is longer than pay402 waits, `undefined` when it says nothing. */
  readPauseMs(nowSeconds: number): number | undefined
  /** How far our clock is from the seller's, as a sentence; `undefined` when the difference is too small to matter. */
  describeSkew(nowSeconds: number): string | undefined
}

/** A redirect that would have carried the payment to another place. `elsewhere` is where, if the platform says, without secrets. */
export type Misdirected = { readonly elsewhere: string | undefined }

/** Terms that were read from a response, or what is wrong with them. */
export type ReadTerms<Native> = {
  /** The address that asks to be paid; `undefined` when it is unknown. */
  readonly url: string | undefined
  readonly terms: Decoded<Envelope>
  /** The exchange to continue with: another one when terms from a cache were asked for again. */
  readonly exchange: Exchange<Native>
}

/** Terms, or a response that costs nothing. */
export type TermsOrFree<Native> = ReadTerms<Native> | { readonly free: Native }

/**
 * One request that may have to be paid for, and the means to send it with a payment. A wrapper makes one before it asks, where the payment may go
 * along; with the seller's 402 it is an {@link Exchange}.
 */
export type PayableRequest<Native = unknown> = {
  /** What the call is made from, except for what the client adds. */
  readonly given: Omit<CallGiven, 'limits' | 'purchases' | 'url'>
  readonly options: CallOptions | undefined
  /** The call as {@link Flights.begin} noted it when it began; `undefined` when it joins no others, and from wrappers that note nothing. */
  readonly keyedCall?: KeyedCall | undefined
  /** Reads the body as it will be sent again; left out where that can't be told. */
  readonly readBody?: (() => MaybePromise<unknown>) | undefined
  /** Repeating the request changes nothing, as with GET and HEAD. */
  readonly isSafe: boolean
  /** Identifies the kind of response that this wrapper copies and hands out; by default, the prototype of the response. */
  readonly kind?: object | undefined
  /**
   * How long the paid part of the call may take, in milliseconds, including every time that the payment is sent; `undefined` means as long
   * as the payment is valid.
   */
  readonly paidTimeoutMs: number | undefined
  /** How long a call waits for the response of an equal one that it joined, in milliseconds. @default paidTimeoutMs */
  readonly joinedTimeoutMs?: number | undefined
  /** Added to the hint of the error when a response is lost. */
  readonly lostHint?: string | undefined
  /**
   * Asserts that the request can be sent exactly as it was (R5), before anything is signed for it.
   *
   * @throws {@link DeliveryError} `BODY_NOT_REPLAYABLE`, `HOST_HEADER_DIFFERS`, `PAYMENT_HEADER_PRESENT` or
   * `TRANSPORT_MAY_REDIRECT`; nothing was signed.
   */
  assertRepeatable(call: ShownCall): void
  /**
   * Asks the wrapper's own hooks whether terms may be paid that they weren't shown yet: those that are remembered, and new ones in their place.
   *
   * @throws The refusal of a hook; nothing was signed for these terms.
   */
  assertAllowed?(terms: Envelope): Promise<void>
  /**
   * Looks whether the payment would go to another seller than the one that asked, once it's signed and before it leaves.
   *
   * @returns The error that ends the call, with the money `released`; `undefined` when it goes there.
   */
  findMove?(call: Pick<ShownCall, 'resource'>): Error | undefined
  /**
   * Sends the request without a payment, with the headers that hooks add.
   *
   * @returns The response when it costs nothing; `undefined` when there is still something to pay.
   */
  askAgain(call: ShownCall, headers: Readonly<Record<string, string>>): Promise<{ readonly free: Native } | undefined>
  /** Sends the request with a payment, to the origin that asks for it and nowhere else. */
  send(
    call: ShownCall,
    payment: PaymentPayload,
    signal: AbortSignal | undefined,
  ): Promise<PaidResponse<Native> | Misdirected>
  /** Discards a response that won't be read. */
  discard(native: Native): void
  /** Copies a response, for another call that asked for the same purchase. */
  duplicate(native: Native): Native
  /**
   * Hands out a response whose body flows several times: first for the call itself, then for others that asked for the same purchase. Each
   * has one of the bodies, and the call's own ends with its signal.
   *
   * @returns `undefined` when the response has no body that flows, so that it can be copied as it is.
   */
  split?(native: Native, split: SplitBody): readonly Native[] | undefined
  /** Aborts what was sent last, whose response is no longer needed: no request outlives its payment. */
  abandon?(): void
}

/**
 * What became of a request that was to be paid for before anyone asked: the response; or the error that refused it before anything was sent, which a
 * caller who expects a response is shown with the seller's own 402; or `undefined`, where the seller has to be asked and nothing was sent.
 */
export type Prepaid<Native> = Native | X402Error | undefined

/**
 * One request that a seller asked to be paid for, and its 402. A wrapper does three things with it: it reads the terms of a response, sends the
 * request with a payment, and reads what came back.
 */
export type Exchange<Native = unknown> = PayableRequest<Native> & {
  /** The response at hand, which asks for money. */
  readonly native: Native
  /**
   * Makes the response that its caller is given, with the body that was drained. No getter: V8 reads all members of an object with one slowly.
   *
   * @default native
   */
  readonly whole?: (() => Native) | undefined
  /**
   * Reads the terms.
   *
   * @param ports - Whom to believe, and where warnings go.
   * @param how - With `asItIs`, terms from a cache will do, for a price that isn't going to be paid.
   * @returns Terms, or the response to hand over, because it isn't x402 or because a second request cost nothing.
   * @throws {@link ChallengeError} when they came from elsewhere than what was asked; nothing was signed.
   */
  read(ports: Pick<Ports, 'trust' | 'warn'>, how?: { readonly asItIs: boolean }): MaybePromise<TermsOrFree<Native>>
  /** Reads the response at hand to its end, so that its connection can be used again. Stops soon after `until` settles, which resolves to nothing. */
  drain(until: Promise<void>): Promise<void>
  /** Discards the response at hand, which won't be read anymore; unread, it would hold its connection. */
  letGo(): void
}

/** Makes several bodies of one. */
export type SplitBody = (body: ReadableStream<Uint8Array>) => readonly ReadableStream<Uint8Array>[]

/** What becomes of a call while an equal one is in flight in the same process; see {@link CallOptions.inFlight}. */
export type InFlight = 'separate' | 'join' | 'refuse'

/**
 * Options of one call. They can only tighten what the client allows.
 *
 * @example
 * ```ts
 * const response = await paidFetch('https://api.example.com/weather', {
 *   x402: { purchase: 'weather-of-monday', tags: ['team-a'], max: '$0.05' },
 * })
 * response.status //=> 200
 * ```
 */
export type CallOptions = {
  /**
   * Names the purchase: the same key is the same purchase. Another request under it is refused; only `Authorization` and `Cookie` may differ.
   *
   * @default the header `Idempotency-Key`, else method, address, body, tags, and the headers that say who the caller is
   */
  purchase?: string | undefined
  /** Labels that limits and reports can be scoped to. None may start with `client/` or `name/`. @default none */
  tags?: readonly string[] | undefined
  /** Most that this call may cost, below what the limits allow. What it can't price is refused. @default what the limits allow */
  max?: MoneyInput | undefined
  /** Asked before anything is signed for this call, in addition to the `approve` of the limits. @default no one is asked */
  approve?: Approve | 'later' | undefined
  /**
   * Pays only what was proposed under this id and approved at a desk; anything else is refused, also where no one has to approve. See
   * `error.facts.proposal` of `APPROVAL_PENDING`.
   *
   * @default what is asked for is proposed where someone has to approve it later
   */
  proposal?: string | undefined
  /**
   * Whether the same payment is presented again by itself when its response is lost or the seller says "not now": for GET and HEAD
   * and where the seller offers `payment-identifier` (`'safe'`), for every method, or never.
   *
   * @default 'safe'
   */
  redeliver?: 'safe' | 'always' | 'never' | undefined
  /**
   * Statuses from 400 to 599 that deliver what is bought, for sellers that charge for them: `[404]`. After any other failure, calling again
   * presents the same payment.
   *
   * @default those of the client, which always apply
   */
  delivers?: readonly number[] | undefined
  /**
   * What becomes of this call while an equal one is in flight, in this process and on the same ledger: it is a purchase of its own
   * (`'separate'`), it is given a copy of the other one's response (`'join'`), or it fails with `PURCHASE_UNDER_WAY` (`'refuse'`). Calls join
   * those that join or refuse. Under a key a call always joins.
   *
   * @default that of the client
   */
  inFlight?: InFlight | undefined
  /**
   * How long the key of this call doesn't buy again once it was paid for and delivered, in seconds from when the payment was made: until then
   * the same key is `ALREADY_BOUGHT`, no matter who asks on the same ledger. Without a key it means nothing.
   *
   * @default that of the client
   */
  purchaseFor?: number | undefined
}

import type { MoneyState } from '../errors/x402-error.js'
import type { Approve, MoneyInput } from './limits-port.js'

/** One answer of a seller, as a door shows it to the corridor. */
export type Answer<Native = unknown> = {
  readonly status: number
  /** Where the answer came from, after redirects that the platform followed; `undefined` when it doesn't say. */
  readonly url: string | undefined
  /** The platform hid a redirect (a browser's opaque answer, status 0). */
  readonly hidden: boolean
  /** A browser got it from another origin than the page's, and shows only the headers that the seller lets pages read. */
  readonly filtered?: boolean | undefined
  header(name: string): string | null
  /** Its body as text, as {@link Exchange.readBody} reads that of the 402; doors that can't leave it out. */
  readBody?(maxBytes: number): Promise<string | undefined>
  /** What the caller of the door is given. */
  readonly native: Native
}

/** One request that was answered with 402, and the means to send it again. */
export type Exchange<Native = unknown> = {
  readonly method: string
  /** Absolute, as the caller asked. */
  readonly url: string
  readonly signal: AbortSignal | undefined
  readonly options: CallOptions | undefined
  /** The call as {@link Flights.begin} noted it when it began; `undefined` without a key, and from doors that don't. */
  readonly keyedCall?: KeyedCall | undefined
  /** The 402. */
  readonly answer: Answer<Native>
  /** A header of the request. */
  header(name: string): string | null
  /** Whether the same body can be sent a second time. */
  readonly replayable: boolean
  /** SHA-256 of the body as it will be sent again, in hex; empty when there is none. */
  digestBody(): Promise<string>
  /** The 402's body as text, without taking it from the caller; `undefined` when it is longer than `maxBytes` or too slow. */
  readBody(maxBytes: number): Promise<string | undefined>
  /** Lets go of an answer that nobody will read. */
  discard(native: Native): void
  /** A second copy of an answer, for another who asked for the same purchase. */
  duplicate(native: Native): Native
  /** What kind its copies are, and what others' copies must be for this door to take them; the prototype of the 402 when left out. */
  readonly kind?: object | undefined
  /**
   * How long the paid part of the call may take, in milliseconds, however often the payment is sent; `undefined` means as long as
   * the payment lives.
   */
  readonly paidTimeoutMs: number | undefined
  /** How long an answer without a payment is waited for, in milliseconds, where the door doesn't see to that itself. */
  readonly unpaidTimeoutMs?: number | undefined
  /** Reads the 402's body to its end, so that its connection can be used again; stops when `until` is over. */
  drain(until: Promise<unknown>): Promise<void>
  /**
   * Sends the request again to `url` with these headers beside its own, following no redirect. To another origin than the one that was
   * called, headers that say who the caller is don't go along, as platforms have it when they follow a redirect.
   */
  send(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Answer<Native>>
  /** Gives up what was sent last, which nobody waits for any more; doors whose requests end by themselves can leave it out. */
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
  /** Asked before anything is signed for this call, beside the `approve` of the limits. @default nobody is asked */
  approve?: Approve | undefined
  /**
   * Whether the same payment is presented again by itself when its answer is lost or the seller says "not now": for GET and HEAD
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

/** Purchases under way under a key of the caller's. */
export type Flights = {
  /** Notes that a call under this key begins. What is bought under it until this call's own 402 arrives is this call's, too. */
  begin(key: string): KeyedCall
  /** What another call buys, or bought while this one waited for its 402; `undefined` when it's this one's to buy. */
  join(flight: Flight): Joined | undefined
  /** Buys. Whoever joins meanwhile is given a copy of the answer, or the same error. */
  run<T extends object>(flight: Flight, start: () => Promise<T>): Promise<T>
}

/** A call under a key, from when it begins. Whoever began it ends it, whatever became of it. */
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
 * The answer of another call of this client; or where the money is, when the other belongs to somebody else; or that the other one's request
 * was another.
 */
export type Joined =
  | { readonly answer: Promise<object> }
  | { readonly money: MoneyState }
  | { readonly isAnotherRequest: true }

import type { Considered } from '../errors/step-errors.js'
import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import type { JsonObject } from '../wire/json.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { Call } from './call.js'
import type { Signature } from './event.js'
import type { PaidResponse } from './exchange.js'
import type { Assessment } from './limits.js'
import type { Payment, Presentation } from './payment.js'
import type { Registration } from './ports.js'
import type { Describe, SchemeNetworkClient } from './scheme.js'
import type { Terms } from './terms.js'

/**
 * The steps of a payment, a type for each: `Challenge → Selected → Authorized → Signed → Delivered`.
 *
 * Each is made by one step only; a `Signed` also when a payment is presented again. `sign` takes an `Authorized` and nothing else, so nothing
 * gets to the signer around the limits. A brand makes the compiler enforce that, and the architecture test says which file may brand what.
 */
declare const step: unique symbol
type Step<Name extends string, Facts> = Readonly<Facts> & { readonly [step]: Name }
type Unbranded<T> = Omit<T, typeof step>

/** One entry of `accepts` that was read. */
export type Offer = {
  /** Its place in `accepts`. */
  readonly index: number
  /** As schemes take it. */
  readonly requirements: PaymentRequirements
  readonly terms: Terms
  /** As the seller wrote it, and as it is sent back. */
  readonly entry: JsonObject
}

/** A 402 that was read for this call. */
export type Challenge = Step<
  'challenge',
  {
    call: Call
    envelope: Envelope
    /** The whole 402 as it is shown to hooks: a frozen copy, made when first asked for. */
    required(): PaymentRequired
    /** The seller wasn't asked: these are the terms that this buyer remembers, or was told ahead. */
    isRemembered: boolean
  }
>

/** The one offer that will be paid, and who can sign for it. */
export type Selected = Step<
  'selected',
  {
    challenge: Challenge
    offer: Offer
    registration: Registration
    assessment: Assessment
    /** Most that others can take with the signature, in atomic units. The limits were asked about this amount. */
    exposure: bigint
    /** Reads back what was signed; `undefined` when nothing can, and the price is trusted. */
    describe: Describe | undefined
    /** Why each other offer was not taken; computed when asked for. */
    considered(): readonly Considered[]
  }
>

/** An offer that the limits allow, reserved in the ledger. */
export type Authorized = Step<'authorized', { selected: Selected; payment: Payment }>

/** A payment that may be presented. */
export type Signed = Step<
  'signed',
  {
    call: Call
    /** As the ledger has it: reserved when it was just signed, sent or settled when it is presented again. */
    payment: Payment
    presentation: Presentation
    /** What was just signed, which the ledger doesn't know yet; `undefined` when the payment is presented again. */
    signature: Signature | undefined
    /** The account that pays, if that is known. */
    payer: string | undefined
  }
>

/** A payment that was sent, and what came back. */
export type Delivered<Native = unknown> = Step<'delivered', { signed: Signed; response: PaidResponse<Native> }>

/** Makes a {@link Challenge}. For `flow/read` only. */
export const brandChallenge = (facts: Unbranded<Challenge>): Challenge => facts as Challenge // the brand's maker
/** Makes a {@link Selected}. For `flow/select` only. */
export const brandSelected = (facts: Unbranded<Selected>): Selected => facts as Selected // as above
/** Makes an {@link Authorized}. For `flow/authorize` only. */
export const brandAuthorized = (facts: Unbranded<Authorized>): Authorized => facts as Authorized // as above
/** Makes a {@link Signed}. For `flow/sign`, `flow/late-signature`, `flow/earlier` and `flow/present` only. */
export const brandSigned = (facts: Unbranded<Signed>): Signed => facts as Signed // as above
/** Makes a {@link Delivered}. For `flow/present` only. */
export const brandDelivered = <Native>(facts: Unbranded<Delivered<Native>>): Delivered<Native> =>
  facts as Delivered<Native> // as above

/** What is about to be signed. */
export type Signing = {
  /** The chain, as CAIP-2 names it. */
  readonly network: string
  /** Method and address, without credentials and query. */
  readonly resource: string
  readonly scheme: SchemeNetworkClient
}

/** Throws to refuse a signature. It can allow nothing that a limit refuses. */
export type SigningGuard = (signing: Signing) => void

/** Registered, so that a guard of one copy of the package holds the clients of another. */
const GUARD = Symbol.for('pay402.signing-guard')

/**
 * Asks the guard of this process, if there is one, whether an offer may be signed. Called before anything is reserved.
 *
 * @throws What the guard throws.
 */
export function askSigningGuard({ challenge, offer, registration }: Selected): void {
  const guard: unknown = Reflect.get(globalThis, GUARD)
  if (typeof guard !== 'function') return
  guard({ network: offer.terms.network, resource: challenge.call.resource, scheme: registration.scheme })
}

/**
 * Puts a guard in front of every client of this process, in place of the one before; `undefined` takes it away. The kit for tests does this,
 * and nothing else of the package.
 */
export function setSigningGuard(guard: SigningGuard | undefined): void {
  Reflect.set(globalThis, GUARD, guard)
}

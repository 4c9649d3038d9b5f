import type { Describe, TokenAllowance } from '../payment/scheme.js'
import type { Envelope, PaymentRequired } from '../wire/challenge.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import type { PurchaseNames } from './name-purchase.js'
import type { Answer, Assessment, Charge, Limits, Presentation, Registration, State } from './ports.js'

/**
 * The steps of a payment, a type for each: `Challenge → Selected → Authorized → Signed → Delivered`.
 *
 * Each can be made by one step only (a `Signed` by `resume`, too), which holds at compile time by a brand and at run time by a seal:
 * `sign` takes an `Authorized` and nothing else, so nothing reaches the signer around the limits. Which file may use which
 * seal is held by the architecture test.
 */
declare const step: unique symbol
type Step<Name extends string, Facts> = Readonly<Facts> & { readonly [step]: Name }

/** One call of the user, as far as a payment depends on it. */
export type Call = {
  readonly method: string
  /** Where the payment goes: the address that asked. Absolute; empty where nobody said which it is. */
  readonly url: string
  /** As `toOrigin` has it; empty where it is unknown. */
  readonly origin: string
  /** As `toHost` has it; empty where it is unknown. */
  readonly host: string
  /** The address without credentials, query and fragment; what errors and records show. */
  readonly resource: string
  readonly tags: readonly string[]
  readonly signal: AbortSignal | undefined
  /** What this call may spend. */
  readonly limits: Limits
  /** How the caller named the purchase; then it is one purchase also while it is under way. */
  readonly key: string | undefined
  /** Statuses beyond a 2xx that deliver what is bought. */
  readonly delivers: readonly number[]
  /** Names of the purchase; computed when first asked for. */
  names(): Promise<PurchaseNames>
  /** The seller's words as data: one bounded line, without what this call told the seller in confidence. */
  quote(text: unknown): string | undefined
}

/** One entry of `accepts` that was read. */
export type Offer = {
  /** Its place in `accepts`. */
  readonly index: number
  readonly requirements: PaymentRequirements
  /** As the seller wrote it, frozen; it is sent back like this. */
  readonly entry: Readonly<Record<string, unknown>>
}

/** A 402 that was read and belongs to this call. */
export type Challenge = Step<
  'challenge',
  {
    call: Call
    envelope: Envelope
    /** The whole 402 as hooks are shown it: a frozen copy, made when first asked for. */
    required(): PaymentRequired
  }
>

/** Why an offer was not taken. */
export type Considered = {
  /** Its place in `accepts`. */
  readonly index: number
  /** As the seller wrote it, cleaned and bounded; any text. */
  readonly scheme: string | undefined
  /** As the seller wrote it, cleaned and bounded; any text. */
  readonly network: string | undefined
  readonly reason: string
}

/** The one offer that will be paid, and who can sign for it. */
export type Selected = Step<
  'selected',
  {
    challenge: Challenge
    offer: Offer
    registration: Registration
    assessment: Assessment
    /** What others can take by what will be signed, in atomic units; the limits were asked with it. */
    exposure: bigint
    /** Reads back what was signed; `undefined` where nothing does, and the price is trusted. */
    describe: Describe | undefined
    /** Why each other offer was not taken; computed when asked for. */
    considered(): readonly Considered[]
  }
>

/** An offer that the limits allow, reserved in the ledger. */
export type Authorized = Step<'authorized', { selected: Selected; id: string }>

/** A payment that may be presented. */
export type Signed = Step<
  'signed',
  {
    id: string
    /** What the ledger holds of it: `reserved` when just signed, `sent` or `settled` when it is presented again. */
    state: State
    call: Call
    presentation: Presentation
    validUntilSeconds: number | undefined
    nonce: string | undefined
    payer: string | undefined
    /** The exact name under which it is presented from now on, where that is another than before. */
    purchase?: string | undefined
    /** The status of the last response to it, when it is presented again. */
    answeredBefore?: number | undefined
    /** What was signed beside it; `undefined` when nothing was, or when it is presented again. */
    allowances?: readonly TokenAllowance[] | undefined
    /** What counts from now on, where less was signed than was reserved. */
    charges?: readonly Charge[] | undefined
  }
>

/** A payment that left, and what came back. */
export type Delivered<Native = unknown> = Step<'delivered', { signed: Signed; answer: Answer<Native> }>

const challenges = createSeal()
/** Makes a {@link Challenge}. For `read-challenge` only. */
export const sealChallenge = (facts: Unsealed<Challenge>): Challenge => challenges.seal(facts)
/** Holds the brand of a {@link Challenge} at run time. */
export const assertChallenge = (value: Challenge): void => challenges.assert(value, 'read-challenge')

const selections = createSeal()
/** Makes a {@link Selected}. For `select` only. */
export const sealSelected = (facts: Unsealed<Selected>): Selected => selections.seal(facts)
/** Holds the brand of a {@link Selected} at run time. */
export const assertSelected = (value: Selected): void => selections.assert(value, 'select')

const authorizations = createSeal()
/** Makes an {@link Authorized}. For `authorize` only. */
export const sealAuthorized = (facts: Unsealed<Authorized>): Authorized => authorizations.seal(facts)
/** Holds the brand of an {@link Authorized} at run time. */
export const assertAuthorized = (value: Authorized): void => authorizations.assert(value, 'authorize')

const signatures = createSeal()
/** Makes a {@link Signed}. For `sign` and `resume` only. */
export const sealSigned = (facts: Unsealed<Signed>): Signed => signatures.seal(facts)
/** Holds the brand of a {@link Signed} at run time. */
export const assertSigned = (value: Signed): void => signatures.assert(value, 'sign')

const deliveries = createSeal()
/** Makes a {@link Delivered}. For `deliver` only. */
export const sealDelivered = <Native>(facts: Unsealed<Delivered<Native>>): Delivered<Native> => deliveries.seal(facts)
/** Holds the brand of a {@link Delivered} at run time. */
export const assertDelivered = (value: Delivered): void => deliveries.assert(value, 'deliver')

type Unsealed<T> = Omit<T, typeof step>

type Seal = {
  /** Brands the facts, at run time too. */
  seal<T>(facts: Unsealed<T>): T
  assert(value: object, maker: string): void
}

function createSeal(): Seal {
  const sealed = new WeakSet<object>()
  return {
    seal<T>(facts: Unsealed<T>): T {
      const value = Object.freeze(facts)
      sealed.add(value)
      return value as T // the brand's maker
    },
    assert(value, maker) {
      if (!sealed.has(value)) throw new TypeError(`pay402: this step takes only what \`${maker}\` made`)
    },
  }
}

import type { MoneyState } from '../errors/x402-error.js'
import { isFrozenForGood } from '../wire/frozen.js'
import type { JsonObject } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import type { Cap, Sums } from './ledger.js'
import type { Asker, PurchaseNames } from './purchase.js'
import type { TokenAllowance } from './scheme.js'
import type { Notation, Terms } from './terms.js'

/**
 * What a charge is counted in: 10^-18 dollars, atomic units of `network/asset`, 10^-18 units of `symbol/USDC`, or payments
 * (`payments/all`).
 */
export type Unit = 'usd' | `${string}/${string}`

/** What one payment adds to the running sums. */
export type Charge = { readonly unit: Unit; readonly amount: bigint }

/** How far a payment has come. Callers see `sent` as `in-doubt`. */
export type State = 'reserved' | 'sent' | 'settled' | 'released'

/**
 * What became of the response to the paid request.
 *
 * - `none`: nothing came yet.
 * - `delivered`: what was bought: a 2xx, a redirect that isn't followed, or a status that the caller lists in `delivers`. Final.
 * - `answered`: a 4xx that was handed to the caller. The same purchase presents the same payment.
 * - `lost`: nothing, or a response that delivers nothing, such as a 5xx or another 402. The same purchase presents the same payment.
 */
export type Delivery = 'none' | 'delivered' | 'answered' | 'lost'

/** 4xx that don't blame the request: the same request may succeed a moment later. */
const LATER: ReadonlySet<number> = /* @__PURE__ */ new Set([402, 408, 425, 429])

/**
 * What a status of HTTP means for what was bought. `accepted` only promises a response, and isn't one.
 *
 * @param delivers - Statuses that the caller counts as deliveries.
 */
export function readStatus(status: number, delivers: readonly number[]): Exclude<Delivery, 'none'> | 'accepted' {
  if (delivers.includes(status)) return 'delivered'
  if (status === 202) return 'accepted'
  if (status >= 200 && status < 400) return 'delivered'
  return status >= 400 && status < 500 && !LATER.has(status) ? 'answered' : 'lost'
}

/** A signed payment as it goes out, in whatever the transport carries it. Anyone who holds it can spend it. */
export type Presentation = {
  readonly payload: PaymentPayload
  /** The offer as the seller wrote it. */
  readonly entry: JsonObject
}

/** What a ledger keeps of the call that pays. */
export type CallFacts = PurchaseNames & {
  /** The caller named the purchase by a key. */
  readonly isKeyed: boolean
  /** How long after it was reserved a delivered payment keeps its key from buying again, in seconds. @default not at all */
  readonly purchaseForSeconds?: number | undefined
  /** The origin that asked to be paid. */
  readonly origin: string
  readonly host: string
  readonly method: string
  /** The resource, without credentials, query and fragment. */
  readonly resource: string
  /**
   * The resource that the caller asked for, before any redirect and in one spelling, which is what limits per resource count by. @default what
   * `resource` is
   */
  readonly asked?: string | undefined
  /** Labels that limits count it by and lists find it by. */
  readonly tags: readonly string[]
}

/** Someone who approved a payment at a desk, of the ledger's register. */
export type PaymentApproval = {
  /** What was approved: the id of the proposal. */
  readonly proposal: string
  readonly by: string
  readonly reason?: string | undefined
  /** When it was approved, in seconds since 1970. */
  readonly atSeconds: number
  /** Which use of the approval it is, since one whose payment never left is given back. */
  readonly use: string
}

/** A payment before it has an id: what is reserved before the signer is asked. */
export type Draft = {
  readonly call: CallFacts
  readonly terms: Terms
  /** How the asset is written. */
  readonly notation: Notation
  /** The account that pays; `undefined` when the scheme doesn't say. */
  readonly payer: string | undefined
  /** Most that others can take with the signature, in atomic units; `unread` when nothing can read that, and the price is trusted. */
  readonly exposure: bigint | 'unread'
  readonly charges: readonly Charge[]
  /** Who approved it at a desk. @default no one had to */
  readonly approval?: PaymentApproval | undefined
  /** Who asks to buy. With the names of the purchase, it decides whether another payment is in the way. */
  readonly by: Asker
  /** Whether its origin may be paid only at the address that it was first paid at, in each namespace of networks. */
  readonly isPinned: boolean
}

/** A payment as the ledger has it. */
export type Payment = Omit<Draft, 'by' | 'isPinned'> & {
  readonly id: string
  /** When it was reserved, in seconds since 1970: the later of the clock and the newest payment, unless that one is from the far future. */
  readonly atSeconds: number
  readonly state: State
  readonly delivery: Delivery
  /** Whether this process, or another one on the same ledger, is presenting it right now. */
  readonly claimed: boolean
  /** What was signed; kept only while it may have to be presented again. */
  readonly presentation: Presentation | undefined
  /** When the authorization dies by itself, in seconds since 1970. */
  readonly validUntilSeconds: number | undefined
  /** What the chain remembers when it is spent. */
  readonly nonce: string | undefined
  /** Allowances that were signed along with the payment and sent with it. */
  readonly allowances: readonly TokenAllowance[] | undefined
  /** The status of the last response to it. */
  readonly status: number | undefined
  /** The seller's reason for not delivering, in its own words. It changes no budget (R2). */
  readonly sellerSaid: string | undefined
  /** Whether its purchase was given up or bought again: it counts, and is never presented again. */
  readonly forgotten: boolean
  /** The transaction that the seller or the chain names. */
  readonly transaction: string | undefined
  /** What the chain says was taken, in atomic units. */
  readonly charged: bigint | undefined
  /** The transaction that this ledger's client sent to cancel it. */
  readonly cancellation: string | undefined
}

const MONEY: Readonly<Record<State, MoneyState>> = {
  reserved: 'untouched',
  sent: 'in-doubt',
  settled: 'settled',
  released: 'released',
}

/** Where the money of a payment is, as callers see it: what was sent is in doubt, whatever the seller says. */
export function moneyOf({ state }: Pick<Payment, 'state'>): MoneyState {
  return MONEY[state]
}

/** The states of a payment whose money is there; none for `signed`, which no ledger knows. */
export function statesOf(money: MoneyState): readonly State[] {
  return money === 'signed' ? [] : (Object.keys(MONEY) as State[]).filter((state) => MONEY[state] === money) // the keys of MONEY are states
}

/**
 * Makes the payment of a draft that a ledger reserves.
 *
 * @param draft - What is to be reserved. Nothing that could still be changed is shared with it.
 * @param id - One that was never given before.
 * @param atSeconds - When, in seconds since 1970; `tellTime` tells it to a ledger of rows.
 * @returns The payment, in the state `reserved`.
 */
export function openPayment(draft: Draft, id: string, atSeconds: number): Payment {
  const { call, terms, charges } = draft
  return {
    call: { ...call, tags: call.tags.length === 0 ? NO_TAGS : [...new Set(call.tags)] },
    terms: isFrozenForGood(terms) ? terms : { ...terms },
    notation: isFrozenForGood(draft.notation) ? draft.notation : { ...draft.notation },
    payer: draft.payer,
    exposure: draft.exposure,
    charges: copyCharges(charges),
    ...(draft.approval !== undefined && { approval: Object.freeze({ ...draft.approval }) }),
    id,
    atSeconds,
    state: 'reserved',
    delivery: 'none',
    claimed: false,
    presentation: undefined,
    validUntilSeconds: undefined,
    nonce: undefined,
    allowances: undefined,
    status: undefined,
    sellerSaid: undefined,
    forgotten: false,
    transaction: undefined,
    charged: undefined,
    cancellation: undefined,
  }
}

/**
 * A payment in the form that takes the least room: engines give a copy made by spreading room for more members, and a ledger may hold a
 * million.
 */
export function compactPayment(payment: Payment): Payment {
  const { call, terms, notation, payer, exposure, charges, id, atSeconds, state, delivery, claimed } = payment
  const { presentation, validUntilSeconds, nonce, allowances, status, sellerSaid, forgotten } = payment
  const { transaction, charged, cancellation, approval } = payment
  return Object.freeze({
    call,
    terms,
    notation,
    payer,
    exposure,
    charges,
    ...(approval !== undefined && { approval }),
    id,
    atSeconds,
    state,
    delivery,
    claimed,
    presentation,
    validUntilSeconds,
    nonce,
    allowances,
    status,
    sellerSaid,
    forgotten,
    transaction,
    charged,
    cancellation,
  })
}

const NO_TAGS: readonly string[] = /* @__PURE__ */ Object.freeze([])

/** Copies charges, so that a caller that changes its own can't change what is counted. Frozen ones need no copy. */
export function copyCharges(charges: readonly Charge[]): readonly Charge[] {
  return isFrozenForGood(charges) ? charges : charges.map(({ unit, amount }) => ({ unit, amount }))
}

/** Freezes a payment before it is shown: ledgers replace payments and never change them, and no one else may change them either. */
export function freezePayment(payment: Payment): Payment {
  if (Object.isFrozen(payment)) return payment
  const { call, terms, notation, charges } = payment
  Object.freeze(call.tags)
  for (const charge of charges) Object.freeze(charge)
  for (const part of [call, terms, notation, charges]) Object.freeze(part)
  return Object.freeze(payment)
}

/** What a payment is charged in one unit; `undefined` when it has no charge in that unit, which isn't the same as zero. */
export function amountIn(unit: Unit, { charges }: Pick<Draft, 'charges'>): bigint | undefined {
  let sum: bigint | undefined
  for (const charge of charges) if (charge.unit === unit) sum = sum === undefined ? charge.amount : sum + charge.amount
  return sum
}

/** Whether a cap has no room for one more payment, which adds so much in its unit. */
export function isOver({ amount, count }: Cap, added: bigint, sums: Sums): boolean {
  return (
    (amount !== undefined && sums.held + sums.spent + added > amount) || (count !== undefined && sums.count + 1 > count)
  )
}

/** What was reserved for a payment: the amount, in atomic units, and what it counts. */
export type Reserved = { readonly amount: bigint; readonly charges: readonly Charge[] }

/** What was taken, and what counts instead of what was reserved; without charges when nothing changes. */
export type Charged = { readonly charged: bigint; readonly charges?: readonly Charge[] | undefined }

/**
 * Works out what a payment counts once it is known how much it really takes: the same share of each charge, rounded up. It still counts as
 * one payment.
 *
 * @param reserved - What was reserved.
 * @param taken - What is taken, in atomic units. Never more counts than was reserved.
 * @returns `undefined` when `taken` isn't an amount that can be counted.
 */
export function toCharged({ amount, charges }: Reserved, taken: bigint | undefined): Charged | undefined {
  if (typeof taken !== 'bigint' || taken < 0n) return undefined
  const charged = taken < amount ? taken : amount
  if (charged === amount) return { charged }
  return { charged, charges: charges.map((charge) => toShare(charge, charged, amount)) }
}

/** Payments are counted, not weighed. */
function toShare({ unit, amount }: Charge, charged: bigint, reserved: bigint): Charge {
  return { unit, amount: unit.startsWith('payments/') ? amount : (amount * charged + reserved - 1n) / reserved }
}

import {
  APPROVAL_PENDING,
  LIMITS_REPLACED,
  LIMITS_UNREADABLE,
  PROPOSAL_CHANGED,
  PROPOSAL_USED,
  TOO_MANY_PROPOSALS,
} from '../errors/catalogue/desk.js'
import { LIMIT_OF_OWNER, LIMIT_TOTAL } from '../errors/catalogue/limits.js'
import {
  ASKED_TOO_OFTEN,
  ASKED_TOO_OFTEN_RESTRICTED,
  CIRCUIT_OPEN,
  CIRCUIT_OPEN_RESTRICTED,
  FROZEN,
  HOST_UNKNOWN_TO_PIN,
  LEDGER_UNAVAILABLE_TO_RESERVE,
  LIMIT,
  LIMIT_COUNT,
  LIMIT_PER_RESOURCE,
  LIMIT_WINDOW,
  NOT_APPROVED,
  PAY_TO_CHANGED_RESTRICTED,
  PAYEE_CHANGED,
} from '../errors/catalogue/reserving.js'
import { NO_OFFERS, NO_PAYABLE_OFFER } from '../errors/catalogue/selection.js'
import { fail, fill } from '../errors/fail.js'
import type { Considered, LimitError, LimitErrorCode, SelectionError } from '../errors/step-errors.js'
import type { MoneyState } from '../errors/x402-error.js'
import { monthOf } from '../payment/calendar.js'
import type { Call } from '../payment/call.js'
import type { Clock } from '../payment/clock.js'
import { type Cap, FREEZE, type Refusal, type Value } from '../payment/ledger.js'
import { type Assessment, keepForOwner, toRefusal } from '../payment/limits.js'
import type { Ports } from '../payment/ports.js'
import type { Challenge, Selected } from '../payment/steps.js'
import type { Notation, Terms } from '../payment/terms.js'
import { formatPrice } from '../wire/amount.js'
import { isJsonObject, type JsonObject } from '../wire/json.js'
import { cite } from '../wire/seller-text.js'
import type { Disapproval } from './approval.js'
import type { Consider } from './offer.js'

/** A payment that a limit refuses to make, or to present again. */
export type RefusedTerms = {
  readonly call: Call
  readonly terms: Terms
  readonly assessment: Assessment
  /** Most that others can take with the signature, in atomic units. */
  readonly exposure: bigint
  /** Where the money of a payment that was to be presented again is. @default 'untouched' */
  readonly money?: MoneyState | undefined
}

/** Why a limit refuses. */
export type LimitReason = {
  readonly code: LimitErrorCode
  readonly because: string
  readonly hint: string
  /** What it says in place of {@link LimitReason.because} to the owner of a restricted client. */
  readonly forOwner?: string | undefined
  readonly facts?: Readonly<Record<string, string | undefined>> | undefined
  readonly cause?: unknown
}

/** The error of a payment that a limit refuses. */
export function createLimitError(refused: RefusedTerms, reason: LimitReason): LimitError {
  const { call, terms, assessment, exposure, money = 'untouched' } = refused
  const { amount } = terms
  const { code, because, forOwner, hint, cause } = reason
  const row = { ...LIMIT, code }
  const price = toPrice(amount, assessment.notation)
  const error = fail(row, {
    money,
    words: { price, because },
    facts: {
      price,
      resource: call.resource,
      network: cite(terms.network),
      asset: cite(terms.asset),
      'pay to': cite(terms.payTo),
      exposure:
        exposure > amount
          ? `${toPrice(exposure, assessment.notation)}, which others could take by what is signed`
          : undefined,
      ...reason.facts,
    },
    hint,
    cause,
  })
  if (forOwner !== undefined) keepForOwner(error, fill(LIMIT.sentence, { price, because: forOwner }))
  return error
}

/** The error of a payment that someone was asked about and didn't approve. */
export function createDisapprovedError(refused: RefusedTerms, { reason, ...cause }: Disapproval): LimitError {
  const why = reason === undefined ? '' : ` (${reason})`
  return createLimitError(refused, { ...toRefusal(NOT_APPROVED, { why }), ...cause })
}

/** The error of a payment that no one is asked about anymore. */
export function createUnaskedError(
  refused: RefusedTerms,
  words: { readonly times: number; readonly whom: string; readonly seconds: number },
  { isRestricted }: Pick<Ports, 'isRestricted'>,
): LimitError {
  const reason = toRefusal(isRestricted ? ASKED_TOO_OFTEN_RESTRICTED : ASKED_TOO_OFTEN, words)
  return createLimitError(refused, { ...reason, facts: { 'again in': `${words.seconds} seconds` } })
}

const DESK = { pending: APPROVAL_PENDING, changed: PROPOSAL_CHANGED, used: PROPOSAL_USED }

/** The error of a payment that no one at a desk approved yet, or that isn't the one which the call names. */
export function createDeskError(refused: RefusedTerms, is: keyof typeof DESK, proposal: string): LimitError {
  return createLimitError(refused, { ...toRefusal(DESK[is], { proposal }), facts: { proposal } })
}

/** The error of a payment about which there is no room for another proposal. */
export function createFullDeskError(
  refused: RefusedTerms,
  words: { readonly times: number; readonly whom: string },
): LimitError {
  return createLimitError(refused, toRefusal(TOO_MANY_PROPOSALS, words))
}

/** The error of a selected offer whose origin took money and delivered nothing. */
export function createCircuitError(selected: Selected, seconds: number, { isRestricted }: Ports): LimitError {
  return createOfferError(selected, toRefusal(isRestricted ? CIRCUIT_OPEN_RESTRICTED : CIRCUIT_OPEN, { seconds }))
}

/** The error of a selected offer of an unknown origin, where limits pin origins. */
export function createUnpinnableError(selected: Selected): LimitError {
  return createOfferError(selected, HOST_UNKNOWN_TO_PIN)
}

/** The error of a selected offer that the ledger could not write down. */
export function createUnreservedError(selected: Selected, cause: unknown): LimitError {
  return createUnwrittenError(toRefusedTerms(selected), cause)
}

/** The error of a payment about which the ledger could neither be asked nor told anything. */
export function createUnwrittenError(refused: RefusedTerms, cause: unknown): LimitError {
  return createLimitError(refused, { ...LEDGER_UNAVAILABLE_TO_RESERVE, cause })
}

/** The error of a selected offer whose limits were replaced, by others that can't be read or too often. */
export function createReplacedError(selected: Selected, how: 'unreadable' | 'often'): LimitError {
  return createOfferError(selected, how === 'unreadable' ? LIMITS_UNREADABLE : LIMITS_REPLACED)
}

type ByLedger = Exclude<Refusal, { by: 'open' | 'limits' }>

/** The error of an offer that the ledger refuses. */
export function createRefusedError(selected: Selected, refused: ByLedger, { isRestricted, clock }: Ports): LimitError {
  if (refused.by === 'cap') return createFullError(toRefusedTerms(selected), refused, clock)
  if (refused.by === 'pin' && isRestricted) return createOfferError(selected, PAY_TO_CHANGED_RESTRICTED)
  if (refused.by === 'pin') {
    return createOfferError(selected, { ...PAYEE_CHANGED, facts: { 'paid before': cite(refused.payTo) } })
  }
  return createFrozenError(toRefusedTerms(selected), refused.value, { isRestricted })
}

/** The error of a payment while its ledger is frozen. Who may thaw it isn't told who froze it where that's somebody else's to know. */
export function createFrozenError(
  refused: RefusedTerms,
  value: Value,
  { isRestricted }: Pick<Ports, 'isRestricted'>,
): LimitError {
  const { by, reason } = isJsonObject(value) && !isRestricted ? value : NOBODY
  const cited = (text: unknown) => (typeof text === 'string' ? cite(text) : undefined)
  return createLimitError(refused, { ...FROZEN, facts: { 'frozen by': cited(by), reason: cited(reason) } })
}

const NOBODY: JsonObject = {}

/**
 * Asserts that nobody froze the ledger while a wallet let its question wait: what was reserved before leaves only if that takes no time.
 *
 * @throws {@link LimitError} `FROZEN`, or `LEDGER_UNAVAILABLE` when the ledger can't say; what was signed is dropped.
 */
export async function assertThawed(selected: Selected, ports: Ports): Promise<void> {
  const refused = { ...toRefusedTerms(selected), money: 'released' } as const
  let frozen: Value | undefined
  try {
    frozen = await ports.ledger.get(FREEZE.kind, FREEZE.key)
  } catch (cause) {
    throw createUnwrittenError(refused, cause)
  }
  if (frozen !== undefined) throw createFrozenError(refused, frozen, ports)
}

/** The error of a payment that doesn't fit into a cap. */
export function createFullError(
  refused: RefusedTerms,
  { cap, held, spent }: Pick<Extract<Refusal, { by: 'cap' }>, 'cap' | 'held' | 'spent'>,
  clock: Clock,
): LimitError {
  const write = (amount: bigint) => refused.call.limits.format(cap.unit, amount)
  const allows =
    cap.amount === undefined ? `${cap.count} ${cap.count === 1 ? 'payment' : 'payments'}` : write(cap.amount)
  const words = { limit: cap.name, allows, option: cap.name.startsWith('restrict.') ? cap.name : `limits.${cap.name}` }
  const row = toRefusal(toRow(cap), words)
  if (cap.isConfidential) return createLimitError(refused, { ...toOwnersReason(cap), forOwner: row.because })
  const { code, because, hint } = row
  const refusal = { code, because, hint: cap.hint ?? hint }
  const wasPaid = cap.scope.resource !== undefined && held + spent > 0n
  return createLimitError(refused, {
    ...(wasPaid ? toRefusal({ ...LIMIT_PER_RESOURCE, code }, { ...words, otherwise: refusal.hint }) : refusal),
    facts: {
      limit: words.option,
      // A restricted client's own limits count labels that say more than its call's tags.
      tag: refused.call.tags.find((tag) => tag === cap.scope.tag),
      allows,
      spent: write(spent),
      held: `${write(held)} (signed, not known to be settled)`,
      'resets at': toReset(cap, clock),
    },
  })
}

/** When the month is over that a cap counts, unless this clock differs from the ledger's; `undefined` for a cap that rolls or never resets. */
function toReset({ monthIn }: Cap, { nowSeconds }: Clock): string | undefined {
  return monthIn && new Date(monthOf(nowSeconds(), monthIn).endSeconds * 1000).toISOString()
}

/** A restricted client is told neither what a limit of its owner allows nor what counts against it. */
function toOwnersReason(cap: Cap): LimitReason {
  const { code, hint } = toRow(cap)
  const what = cap.amount === undefined ? 'another payment' : 'that much anymore'
  return { code, because: fill(LIMIT_OF_OWNER.because, { what }), hint: cap.hint ?? hint }
}

function toRow(cap: Cap) {
  if (cap.amount === undefined) return LIMIT_COUNT
  return cap.windowSeconds === undefined && cap.monthIn === undefined ? LIMIT_TOTAL : LIMIT_WINDOW
}

/** The error of a selected offer that a limit refuses. */
export function createOfferError(selected: Selected, reason: LimitReason): LimitError {
  return createLimitError(toRefusedTerms(selected), reason)
}

function toRefusedTerms({ challenge, offer, assessment, exposure }: Selected): RefusedTerms {
  return { call: challenge.call, terms: offer.terms, assessment, exposure }
}

function toPrice(amount: bigint, { symbol, decimals }: Notation): string {
  return formatPrice(amount, symbol, decimals) ?? `${amount} units of an unknown asset`
}

/** Reasons that a message prints; all of them are in `error.considered`. */
const PRINTED_REASONS = 5

/** The error of a 402 of which no offer can be paid. */
export function createSelectionError(challenge: Challenge, considered: Consider): SelectionError {
  const { call, envelope } = challenge
  if (envelope.accepts.length === 0) {
    return fail(NO_OFFERS, { facts: { resource: call.resource }, considered: () => considered() })
  }
  const printed = considered(PRINTED_REASONS)
  const rest = envelope.accepts.length - printed.length
  return fail(NO_PAYABLE_OFFER, {
    facts: {
      resource: call.resource,
      ...Object.fromEntries(printed.map((one) => [`offer ${one.index + 1}`, toOfferLine(one)])),
      ...(rest > 0 && { 'and more': `${rest}, all in error.considered` }),
    },
    considered: () => considered(),
  })
}

function toOfferLine({ scheme, network, reason }: Considered): string {
  if (scheme === undefined && network === undefined) return reason
  return `${scheme === undefined ? '?' : cite(scheme)} on ${network === undefined ? '?' : cite(network)}: ${reason}`
}

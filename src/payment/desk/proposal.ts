import { isJsonObject } from '../../wire/json.js'
import { type Fields, optional, readFields, textField } from '../../wire/read-fields.js'
import type { Ledger, Value } from '../ledger.js'
import type { PaymentApproval } from '../payment.js'
import type { TokenAllowance } from '../scheme.js'
import type { ShownTerms } from '../terms.js'
import { changeValue, type Place } from './register.js'

/**
 * How far a proposal has come.
 *
 * - `pending`: it waits for someone at a desk.
 * - `approved`: the next call that asks for exactly this is paid, once.
 * - `denied`: that call is refused.
 * - `used`: that call was paid.
 * - `expired`: no one decided in time, or no one called again.
 */
export type ProposalState = 'pending' | 'approved' | 'denied' | 'used' | 'expired'

/** A payment that waits for someone to approve it, as that person reads it. All of it is JSON. */
export type Proposal = Omit<ShownTerms, 'price' | 'dollars'> & {
  /** The same for the same purchase on the same terms, so that asking again makes no second proposal; another one once it was paid. */
  readonly id: string
  readonly state: ProposalState
  /** Such as `0.02 USDC`. */
  readonly price?: string | undefined
  /** Such as `$0.02`. */
  readonly dollars?: string | undefined
  /** Most that others can take by it, in atomic units. */
  readonly exposure: string
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Who asks to be paid. */
  readonly host?: string | undefined
  readonly method: string
  /** A digest that names the purchase. */
  readonly purchase: string
  /** The lasting name of the client that asks, if it has one. */
  readonly space?: string | undefined
  readonly payer?: string | undefined
  readonly tags: readonly string[]
  /** What may be signed along with the payment: that a contract may take tokens. */
  readonly allowances: readonly TokenAllowance[]
  /** The seller's own description: one line, bounded. Show it as a quotation; it proves nothing. */
  readonly sellerSays?: string | undefined
  /** The payment that is to be presented again. Then nothing new is signed, and it counts already. */
  readonly resumed?: string | undefined
  /** An earlier payment of the same purchase that may have been taken: a yes may pay twice. */
  readonly perhapsPaid?: string | undefined
  readonly createdAtSeconds: number
  readonly expiresAtSeconds: number
  /** Who decided; `undefined` while it waits. */
  readonly by?: string | undefined
  readonly reason?: string | undefined
  readonly decidedAtSeconds?: number | undefined
}

/** A {@link Proposal} as the register has it: the clock tells whether it expired, and `use` says which call used it. */
export type KeptProposal = Proposal & {
  readonly state: Exclude<ProposalState, 'expired'>
  readonly use?: string | undefined
}

/** How long a proposal waits, and an approval for its call, in seconds. Source: a choice of ours: someone looks once a day. */
export const PROPOSAL_SECONDS = 86_400

/**
 * Where the register has a proposal. There is one for each purchase on its terms: the newest, whose id says its turn where it isn't the first.
 */
export function placeOf(id: string): Place {
  return { kind: 'proposal', key: id.replace(TURN, '') }
}

const TURN = /-\d+$/

/** Each time that a purchase was paid, the next proposal of the same is another one: a yes that comes late says nothing about that. */
export function toNextId(id: string): string {
  return `${placeOf(id).key}-${turnOf(id) + 1}`
}

/** Whether one id names a proposal that was paid before another one of the same purchase was made. */
export function isEarlier(id: string, than: string): boolean {
  return placeOf(id).key === placeOf(than).key && turnOf(id) < turnOf(than)
}

function turnOf(id: string): number {
  return Number(TURN.exec(id)?.[0].slice(1) ?? 1)
}

const text = textField(0, Number.POSITIVE_INFINITY)
const seconds = { is: (value: unknown): value is number => Number.isSafeInteger(value), must: 'a time in seconds' }
const STATES: readonly unknown[] = ['pending', 'approved', 'denied', 'used']

const FIELDS: Fields<KeptProposal> = {
  id: text,
  state: { is: (value): value is KeptProposal['state'] => STATES.includes(value), must: 'a state' },
  scheme: text,
  network: {
    is: (value): value is Proposal['network'] => typeof value === 'string' && value.includes(':'),
    must: 'a network',
  },
  asset: text,
  payTo: text,
  amount: text,
  price: optional(text),
  dollars: optional(text),
  exposure: text,
  resource: text,
  host: optional(text),
  method: text,
  purchase: text,
  space: optional(text),
  payer: optional(text),
  tags: { is: (value): value is readonly string[] => Array.isArray(value) && value.every(text.is), must: 'texts' },
  allowances: {
    is: (value): value is readonly TokenAllowance[] => Array.isArray(value) && value.every(isJsonObject),
    must: 'a list of allowances',
  },
  sellerSays: optional(text),
  resumed: optional(text),
  perhapsPaid: optional(text),
  createdAtSeconds: seconds,
  expiresAtSeconds: seconds,
  by: optional(text),
  reason: optional(text),
  decidedAtSeconds: optional(seconds),
  use: optional(text),
}

/**
 * Reads a proposal of the register.
 *
 * @returns `undefined` where there is none, or none that this version of pay402 can read.
 */
export function readProposal(value: Value | undefined): KeptProposal | undefined {
  const read = isJsonObject(value) ? readFields(value, FIELDS) : undefined
  return read === undefined || 'problem' in read ? undefined : read.value
}

/** Shows a proposal at a desk: the clock tells whether it expired. */
export function showProposal({ use: _, ...proposal }: KeptProposal, nowSeconds: number): Proposal {
  const isDecided = proposal.state === 'used' || proposal.state === 'denied'
  const isOver = !isDecided && nowSeconds >= proposal.expiresAtSeconds
  return Object.freeze(isOver ? { ...proposal, state: 'expired' as const } : proposal)
}

/** Whether a proposal still says anything: it was neither used nor did it expire. */
export function isLive({ state, expiresAtSeconds }: KeptProposal, nowSeconds: number): boolean {
  return state !== 'used' && nowSeconds < expiresAtSeconds
}

/** Writes down what becomes of a proposal, if anything does. Returns it as it is then. */
export async function changeProposal(
  ledger: Pick<Ledger, 'get' | 'put'>,
  id: string,
  change: (proposal: KeptProposal | undefined) => KeptProposal | undefined,
): Promise<KeptProposal | undefined> {
  let after: KeptProposal | undefined
  await changeValue(ledger, placeOf(id), (value) => {
    const before = readProposal(value)
    after = change(before)
    return after === before ? value : toValue(after)
  })
  return after
}

/** What a payment says of who approved it. */
export function toApproval({ id, by = '', reason, decidedAtSeconds = 0, use = '' }: KeptProposal): PaymentApproval {
  return { proposal: id, by, ...(reason !== undefined && { reason }), atSeconds: decidedAtSeconds, use }
}

/** JSON has no `undefined`. */
export function toValue(facts: object | undefined): Value | undefined {
  if (facts === undefined) return undefined
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Value // as its type says
}

import { assertOptions, invalidOption } from '../errors/options.js'
import type { MoneyState } from '../errors/x402-error.js'
import { type Delivery, moneyOf, type Payment, type PaymentApproval, statesOf } from '../payment/payment.js'
import type { Ports } from '../payment/ports.js'
import type { TokenAllowance } from '../payment/scheme.js'
import { type ShownTerms, showTerms } from '../payment/terms.js'
import { readHost } from '../wire/host.js'

/** Payments, newest first. It is an array, and says whether there were more. */
export type PaymentList = PaymentEntry[] & {
  /** The list stopped at its `limit`, and there are older ones. If so, it also shows when the list is printed. */
  readonly more: boolean
}

/** Which payments to list. */
export type PaymentFilter = {
  /** Where the money is. @default anywhere */
  readonly money?: MoneyState | undefined
  /** What became of the response. @default anything */
  readonly delivery?: Delivery | undefined
  /** Its port included, where that isn't the protocol's own. @default any */
  readonly host?: string | undefined
  /** Most payments to list; `Infinity` for all. If it cuts the list, `more` of the list is true. @default 100 */
  readonly limit?: number | undefined
}

/** One payment as the ledger holds it, as a person reads it. Its `dollars` are the price; a deposit counts whole, see `exposure`. */
export type PaymentEntry = ShownTerms & {
  readonly id: string
  /** When it was reserved, in seconds since 1970. */
  readonly atSeconds: number
  readonly money: MoneyState
  readonly delivery: Delivery
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Who asked; `undefined` when `createPaymentPayload` was given no `url`. */
  readonly host: string | undefined
  readonly payer: string | undefined
  /**
   * Most that others can take by it, in atomic units, which is what limits count; `'unread'` where nothing could read what was signed, so that
   * the price was trusted: others may be able to take more.
   */
  readonly exposure: string
  /** What the chain says was taken, in atomic units; `undefined` until it was asked, and where it doesn't tell. */
  readonly charged: string | undefined
  readonly tags: readonly string[]
  /** The transaction that the receipt names; the seller's word until checked on the chain. */
  readonly transaction: string | undefined
  /** Where a person can look at the transaction. */
  readonly explorerUrl: string | undefined
  /** Until when it may still be spent, by the clock of the chain, in seconds since 1970. */
  readonly validUntilSeconds: number | undefined
  /** What was signed in addition and sent with it: that a contract may take tokens, as the payment needed. */
  readonly allowances: readonly TokenAllowance[]
  /** The status of the last response to it; `undefined` when none came. */
  readonly status: number | undefined
  /** Its purchase was given up or bought again: it counts, and is never presented again. */
  readonly forgotten: boolean
  /** The seller's word on why it didn't deliver. */
  readonly sellerSaid: string | undefined
  /** Who approved it at a desk; not there when no one had to. */
  readonly approval?: Omit<PaymentApproval, 'use'> | undefined
}

/**
 * Lists payments, newest first.
 *
 * @throws {@link ConfigurationError} `UNKNOWN_OPTION` or `INVALID_OPTION` for a filter that would find nothing since it is misspelled.
 */
export async function listPayments(
  ports: Pick<Ports, 'ledger' | 'schemes'>,
  filter: PaymentFilter,
  tag?: string | undefined,
): Promise<PaymentList> {
  assertOptions(filter, 'payments', ['money', 'delivery', 'host', 'limit'])
  const { money, delivery, host, limit = 100 } = filter
  assertOneOf('payments.money', money, MONEY_STATES)
  assertOneOf('payments.delivery', delivery, DELIVERIES)
  const entries: PaymentEntry[] = []
  const states = money === undefined ? undefined : statesOf(money)
  const named = host && (readHost(host) ?? host)
  for await (const payment of ports.ledger.list({ states, delivery, host: named, tag })) {
    if (entries.length >= limit) return toList(entries, true)
    entries.push(toEntry(payment, ports))
  }
  return toList(entries, false)
}

function toList(entries: PaymentEntry[], more: boolean): PaymentList {
  // Enumerable only where it says something: the console prints it, and lists that are whole equal their array.
  return Object.defineProperty(entries, 'more', { value: more, enumerable: more }) as PaymentList // as it is now
}

const MONEY_STATES: readonly MoneyState[] = ['untouched', 'signed', 'in-doubt', 'settled', 'released']
const DELIVERIES: readonly Delivery[] = ['none', 'delivered', 'answered', 'lost']

/** A misspelled one would find nothing, as if nothing had been paid. */
function assertOneOf(where: string, value: string | undefined, known: readonly string[]): void {
  if (value !== undefined && !known.includes(value)) throw invalidOption(where, `one of ${known.join(', ')}`)
}

function toEntry(payment: Payment, { schemes }: Pick<Ports, 'schemes'>): PaymentEntry {
  const { call, terms, notation, payer, exposure, charged, transaction, allowances = [] } = payment
  const { scheme, network } = terms
  const found = schemes.find({ scheme, network, x402Version: 2, spoken: undefined })
  return Object.freeze({
    ...showTerms(terms, notation),
    id: payment.id,
    atSeconds: payment.atSeconds,
    money: moneyOf(payment),
    delivery: payment.delivery,
    resource: call.resource,
    host: call.host || undefined,
    payer,
    exposure: String(exposure),
    charged: charged === undefined ? undefined : String(charged),
    tags: call.tags,
    transaction,
    explorerUrl: transaction && found?.scheme.explorerUrl?.(transaction, network),
    validUntilSeconds: payment.validUntilSeconds,
    allowances,
    status: payment.status,
    forgotten: payment.forgotten,
    sellerSaid: payment.sellerSaid,
    ...(payment.approval !== undefined && { approval: toShown(payment.approval) }),
  })
}

function toShown({ use: _, ...approval }: PaymentApproval): Omit<PaymentApproval, 'use'> {
  return Object.freeze(approval)
}

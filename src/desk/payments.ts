import type { ClientPorts } from '../client/ports.js'
import type { MoneyState } from '../errors/x402-error.js'
import { moneyOf } from '../flow/money-of.js'
import type { Delivery, LedgerRecord, State } from '../flow/ports.js'
import type { TokenAllowance } from '../payment/scheme.js'
import { formatPrice } from '../wire/amount.js'
import { readHost } from '../wire/host.js'
import type { Network } from '../wire/network.js'

/** Which payments to list. */
export type PaymentFilter = {
  /** Where the money is. @default anywhere */
  readonly money?: MoneyState | undefined
  /** What became of the answer. @default anything */
  readonly delivery?: Delivery | undefined
  /** Its port included, where that isn't the protocol's own. @default any */
  readonly host?: string | undefined
  /** Most payments to list. @default 100 */
  readonly limit?: number | undefined
}

/** One payment as the ledger holds it, as a person reads it. */
export type PaymentEntry = {
  readonly id: string
  /** When it was reserved, in seconds since 1970. */
  readonly atSeconds: number
  readonly money: MoneyState
  readonly delivery: Delivery
  /** Method and address, without credentials, query and fragment. */
  readonly resource: string
  /** Who asked; `undefined` when `createPaymentPayload` was given no `url`. */
  readonly host: string | undefined
  readonly scheme: string
  readonly network: Network
  readonly asset: string
  readonly payTo: string
  readonly payer: string | undefined
  /** Atomic units. */
  readonly amount: string
  /** What the chain says was taken, in atomic units; `undefined` until it was asked, and where it doesn't tell. */
  readonly charged: string | undefined
  /** Such as `0.01 USDC`; `undefined` when nobody knew the asset. */
  readonly price: string | undefined
  /** Such as `$0.01`: what counts against limits in dollars. `undefined` when the asset isn't known to be worth a dollar. */
  readonly dollars: string | undefined
  /** `'unread'` where nothing could read what was signed, so that the price was trusted: others may be able to take more. */
  readonly exposure: 'unread' | undefined
  readonly tags: readonly string[]
  /** The transaction that the receipt names; the seller's word until checked on the chain. */
  readonly transaction: string | undefined
  /** Where a person can look at the transaction. */
  readonly explorerUrl: string | undefined
  /** Until when it may still be spent, by the clock of the chain, in seconds since 1970. */
  readonly validUntilSeconds: number | undefined
  /** What was signed beside it and sent with it: that a contract may take tokens, as the payment needed. */
  readonly allowances: readonly TokenAllowance[]
  /** The status of the last response to it; `undefined` when none came. */
  readonly status: number | undefined
  /** Its purchase was given up or bought again: it counts, and is never presented again. */
  readonly forgotten: boolean
  /** The seller's word on why it didn't deliver. */
  readonly sellerSaid: string | undefined
}

/** Lists payments, newest first. */
export async function listPayments(
  ports: ClientPorts,
  filter: PaymentFilter,
  tag?: string | undefined,
): Promise<PaymentEntry[]> {
  const { money, delivery, host, limit = 100 } = filter
  const entries: PaymentEntry[] = []
  const states = money === undefined ? undefined : STATES[money]
  const named = host && (readHost(host) ?? host)
  for await (const record of ports.ledger.list({ states, delivery, host: named })) {
    if (entries.length >= limit) break
    if (tag !== undefined && !record.tags.includes(tag)) continue
    entries.push(toEntry(record, ports))
  }
  return entries
}

const STATES: Readonly<Record<MoneyState, readonly State[]>> = {
  untouched: ['reserved'],
  signed: ['signed'],
  'in-doubt': ['sent'],
  settled: ['settled'],
  released: ['released'],
}

function toEntry(record: LedgerRecord, { limits, schemes }: ClientPorts): PaymentEntry {
  const { network, transaction, symbol, decimals, charges } = record
  const dollars = charges.find(({ unit }) => unit === 'usd')?.amount
  const wanted = { scheme: record.scheme, network, x402Version: 2, spoken: undefined } as const
  return Object.freeze({
    id: record.id,
    atSeconds: record.atSeconds,
    money: moneyOf(record.state),
    delivery: record.delivery,
    resource: record.resource,
    host: record.host || undefined,
    scheme: record.scheme,
    network,
    asset: record.asset,
    payTo: record.payTo,
    payer: record.payer,
    amount: String(record.amount),
    charged: record.charged === undefined ? undefined : String(record.charged),
    price: formatPrice(record.amount, symbol, decimals),
    dollars: dollars === undefined ? undefined : limits.format('usd', dollars),
    exposure: record.unread && 'unread',
    tags: record.tags,
    transaction,
    explorerUrl: transaction && schemes.find(wanted)?.scheme.explorerUrl?.(transaction, network),
    validUntilSeconds: record.validUntilSeconds,
    allowances: record.allowances ?? [],
    status: record.status,
    forgotten: record.forgotten === true,
    sellerSaid: record.sellerSaid,
  })
}

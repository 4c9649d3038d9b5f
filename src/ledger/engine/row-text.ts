import type { Delivery, Payment, State } from '../../payment/payment.js'
import { isUnderWay } from '../../payment/purchase.js'
import { type Decoded, freezeParsed, parseJson } from '../../wire/json.js'
import type { Network } from '../../wire/network.js'
import { readCharges, writeAllowances, writeCharges } from '../codec/charges.js'
import type { Row } from './store.js'

/** What payments of one price to one seller have in common. */
export type DealFacts = Pick<Payment, 'terms' | 'notation' | 'payer' | 'exposure' | 'charges'> & {
  readonly call: Pick<Payment['call'], 'origin' | 'host' | 'method' | 'tags' | 'isKeyed' | 'purchaseForSeconds'>
}

const STATES: readonly State[] = ['reserved', 'sent', 'settled', 'released']
const DELIVERIES: readonly Delivery[] = ['none', 'delivered', 'answered', 'lost']
const NO_EXTRA = /* @__PURE__ */ freezeParsed({})

/** Writes a deal: a list, since its members are always the same. */
export function writeDeal({ call, terms, notation, payer, exposure, charges }: DealFacts): string {
  return JSON.stringify([
    call.origin,
    call.host,
    call.method,
    call.tags,
    call.isKeyed,
    call.purchaseForSeconds,
    terms.scheme,
    terms.network,
    terms.asset,
    terms.payTo,
    String(terms.amount),
    terms.maxTimeoutSeconds,
    notation.symbol,
    Number.isInteger(notation.decimals) ? notation.decimals : undefined,
    notation.isPegged,
    payer,
    String(exposure),
    writeCharges(charges),
  ])
}

/** Reads what {@link writeDeal} wrote. */
export function readDeal(text: string): Decoded<DealFacts> {
  const read = readList(text, 18)
  if ('problem' in read) return read
  const [origin, host, method, tags, isKeyed, purchaseForSeconds, ...rest] = read.value as WrittenDeal // of this length, and only written here
  const [
    scheme,
    network,
    asset,
    payTo,
    amount,
    maxTimeoutSeconds,
    symbol,
    decimals,
    isPegged,
    payer,
    exposure,
    charges,
  ] = rest
  const value: DealFacts = {
    call: { origin, host, method, tags, isKeyed, purchaseForSeconds: purchaseForSeconds ?? undefined },
    terms: { scheme, network, asset, payTo, amount: BigInt(amount), maxTimeoutSeconds, extra: NO_EXTRA },
    notation: { symbol: symbol ?? undefined, decimals: decimals ?? undefined, isPegged: isPegged ?? undefined },
    payer: payer ?? undefined,
    exposure: exposure === 'unread' ? exposure : BigInt(exposure),
    charges: readCharges(charges),
  }
  return { value: freezeParsed(value) }
}

type WrittenDeal = [
  string,
  string,
  string,
  string[],
  boolean,
  number | null,
  string,
  Network,
  string,
  string,
  string,
  number,
  string | null,
  number | null,
  boolean | null,
  string | null,
  string,
  string[],
]

/**
 * Writes what a payment has besides its deal, and what its row says: its id, its time, and whether it's claimed.
 *
 * @param token - Names the claim that the row is written by. @default it is no claim
 * @throws When what was signed can't be written as JSON.
 */
export function writeText(payment: Payment, deal: DealFacts, token?: string): string {
  const { call, terms, presentation, validUntilSeconds, nonce, allowances, charged } = payment
  const isOpen = presentation !== undefined || Object.keys(terms.extra).length > 0
  const list: readonly unknown[] = [
    call.purchase,
    call.coarse === call.purchase ? true : call.coarse,
    call.resource,
    call.asked,
    STATES.indexOf(payment.state),
    DELIVERIES.indexOf(payment.delivery),
    payment.forgotten || undefined,
    payment.status,
    // Schemes are other people's code: what they say is written so that it can be read again, whatever its type.
    Number.isFinite(validUntilSeconds) ? validUntilSeconds : undefined,
    nonce === undefined ? undefined : String(nonce),
    payment.transaction,
    payment.sellerSaid,
    charged === undefined ? undefined : String(charged),
    isSameCharges(payment, deal) ? undefined : writeCharges(payment.charges),
    payment.cancellation,
    allowances && writeAllowances(allowances),
    payment.approval,
    isOpen ? [terms.extra, presentation?.payload, presentation?.entry] : undefined,
    token,
  ]
  const end = list.findLastIndex((one) => one !== undefined) + 1
  return JSON.stringify(list.slice(0, end))
}

/** Reads a row, with its deal. */
export function readRow({ id, atSeconds, owner, text }: Row, deal: DealFacts): Decoded<Payment> {
  const read = readList(text, 6)
  if ('problem' in read) return read
  const [purchase, coarse, resource, asked, state, delivery, ...own] = read.value as WrittenText // only written here
  const [forgotten, status, validUntilSeconds, nonce, transaction, sellerSaid, charged, charges, ...more] = own
  const [cancellation, allowances, approval, open] = more
  const [extra, payload, entry] = open ?? []
  const standing = { state: STATES[state] ?? 'reserved', delivery: DELIVERIES[delivery] ?? 'none' }
  const payment: Payment = {
    id,
    atSeconds,
    ...standing,
    claimed: owner !== '' && !isUnderWay(standing),
    presentation: payload && entry ? { payload, entry } : undefined,
    validUntilSeconds: orNone(validUntilSeconds),
    nonce: orNone(nonce),
    allowances: orNone(allowances),
    status: orNone(status),
    sellerSaid: orNone(sellerSaid),
    forgotten: forgotten === true,
    transaction: orNone(transaction),
    charged: charged ? BigInt(charged) : undefined,
    cancellation: orNone(cancellation),
    ...(approval && { approval }),
    ...deal, // late, as CONTRIBUTING.md says
    call: {
      purchase,
      coarse: coarse === true ? purchase : orNone(coarse),
      resource,
      asked: orNone(asked),
      ...deal.call,
    },
    terms: extra ? { ...deal.terms, extra } : deal.terms,
    charges: charges ? readCharges(charges) : deal.charges,
  }
  return { value: freezeParsed(payment) }
}

/** The claim that a row was written by; `undefined` where it was none. */
export function readToken(text: string): unknown {
  const read = readList(text, 0)
  return 'problem' in read ? undefined : read.value[18]
}

type Maybe<T> = T | null | undefined
type Signed = NonNullable<Payment['presentation']>

type WrittenText = [
  string,
  Maybe<string | true>,
  string,
  Maybe<string>,
  number,
  number,
  Maybe<boolean>,
  Maybe<number>,
  Maybe<number>,
  Maybe<string>,
  Maybe<string>,
  Maybe<string>,
  Maybe<string>,
  Maybe<string[]>,
  Maybe<string>,
  Maybe<Payment['allowances']>,
  Maybe<Payment['approval']>,
  Maybe<[Payment['terms']['extra'], Maybe<Signed['payload']>, Maybe<Signed['entry']>]>,
]

function orNone<T>(value: T | null | undefined): T | undefined {
  return value ?? undefined
}

function isSameCharges({ charges }: Payment, deal: DealFacts): boolean {
  return charges === deal.charges || String(writeCharges(charges)) === String(writeCharges(deal.charges))
}

function readList(text: string, least: number): Decoded<readonly unknown[]> {
  const read = parseJson(text)
  if ('problem' in read) return read
  return Array.isArray(read.value) && read.value.length >= least ? { value: read.value } : { problem: 'it is no list' }
}

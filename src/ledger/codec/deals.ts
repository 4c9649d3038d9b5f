import type { CallFacts, Payment } from '../../payment/payment.js'
import { type Decoded, isJsonObject } from '../../wire/json.js'
import { isNetwork, type Network } from '../../wire/network.js'
import { type Field, type Fields, optional, readFields } from '../../wire/read-fields.js'
import { chargesField, integerField, readCharges, writeCharges } from './charges.js'

/** What payments of the same price to the same seller have in common, which is most of a payment. */
export type Deal = Pick<Payment, 'terms' | 'notation' | 'payer' | 'exposure' | 'charges'> & {
  readonly call: Pick<CallFacts, 'isKeyed' | 'purchaseForSeconds' | 'origin' | 'host' | 'method' | 'tags'>
}

/** How many deals a writer and a reader know by number at the same time. */
const MAX_DEALS = 256

/** How many deals a reader remembers, so that payments with equal ones share one object. */
const MAX_SHARED = 4096

/** A deal as the lines have it. */
type WrittenDeal = {
  o: string
  h: string
  m: string
  f: string | undefined
  s: string
  n: Network
  a: string
  y: string
  v: string
  t: number
  u: string | undefined
  e: number | undefined
  p: boolean | undefined
  g: readonly string[]
  c: readonly string[]
  k: true | undefined
  b: number | undefined
  x: string
}

const UNREAD = 'unread'

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }

const whole: Field<number> = {
  is: (value): value is number => Number.isInteger(value),
  must: 'a whole number',
}

const FIELDS: Fields<WrittenDeal> = {
  o: text,
  h: text,
  m: text,
  f: optional(text),
  s: text,
  n: { is: isNetwork, must: 'a network' },
  a: text,
  y: text,
  v: integerField,
  t: { is: (value): value is number => typeof value === 'number', must: 'a number' },
  u: optional(text),
  e: optional(whole),
  p: optional({ is: (value): value is boolean => typeof value === 'boolean', must: 'a boolean' }),
  g: { is: (value): value is readonly string[] => Array.isArray(value) && value.every(text.is), must: 'texts' },
  c: chargesField,
  k: optional({ is: (value): value is true => value === true, must: 'true' }),
  b: optional(whole),
  x: { is: (value): value is string => value === UNREAD || integerField.is(value), must: 'a whole number, or unread' },
}

/** Writes a deal in full the first time, and after that as a number: that takes a third of the bytes, and of the time to read them. */
export type DealWriter = {
  /** The members of a JSON object that name the payment's deal. */
  write(payment: Payment): string
  /** Forgets all deals, for when the lines that follow must be readable without those before. */
  reset(): void
}

/** Creates a writer that has named no deal. */
export function createDealWriter(): DealWriter {
  const numbers = new Map<string, number>()
  const texts: string[] = []
  let next = 0

  function remember(deal: string): number {
    const number = next
    next = (next + 1) % MAX_DEALS
    numbers.delete(texts[number] ?? '')
    numbers.set(deal, number)
    texts[number] = deal
    return number
  }

  return {
    write(payment) {
      const deal = JSON.stringify(toWritten(payment))
      const number = numbers.get(deal)
      return number === undefined ? `"k":${remember(deal)},"d":${deal}` : `"k":${number}`
    },
    reset() {
      numbers.clear()
      texts.length = 0
      next = 0
    },
  }
}

/**
 * Creates the reader of one store. It takes the lines in their order. Equal deals are one object, frozen.
 *
 * @returns Takes the members `k` and `d` of a line, and returns the deal, or what is wrong with it.
 */
export function createDealReader(): (number: unknown, written: unknown) => Decoded<Deal> {
  const deals = new Map<number, Deal>()
  const shared = new Map<string, Deal>()

  function read(written: unknown): Decoded<Deal> {
    const key = JSON.stringify(written)
    const known = shared.get(key)
    if (known !== undefined) return { value: known }
    const deal = isJsonObject(written) ? readFields(written, FIELDS) : { problem: 'its deal is not an object' }
    if ('problem' in deal) return deal
    const value = fromWritten(deal.value)
    if (shared.size < MAX_SHARED) shared.set(key, value)
    return { value }
  }

  return (number, written) => {
    if (typeof number !== 'number' || !(number >= 0 && number < MAX_DEALS)) return { problem: 'it names no deal' }
    if (written === undefined) {
      const value = deals.get(number)
      return value === undefined ? { problem: 'it names an unknown deal' } : { value }
    }
    const deal = read(written)
    if (!('problem' in deal)) deals.set(number, deal.value)
    return deal
  }
}

/**
 * Creates a pool of deals, for payments that are kept in another form: payments of one price to one seller share theirs. Of their terms the
 * seller's `extra` must be gone.
 */
export function createDealPool(): (payment: Payment) => Deal {
  const byTerms = new WeakMap<Payment['terms'], Deal>()
  const byText = new Map<string, Deal>()

  function find(payment: Payment): Deal {
    const text = JSON.stringify(toWritten(payment))
    const known = byText.get(text)
    if (known !== undefined) return known
    // Those that were there are still shared by their payments.
    if (byText.size >= MAX_SHARED) byText.clear()
    const deal = toDeal(payment)
    byText.set(text, deal)
    return deal
  }

  return (payment) => {
    const known = byTerms.get(payment.terms)
    if (known !== undefined && isSameDeal(known, payment)) return known
    const deal = find(payment)
    byTerms.set(payment.terms, deal)
    return deal
  }
}

function toDeal({ call, terms, notation, payer, exposure, charges }: Payment): Deal {
  const { isKeyed, purchaseForSeconds, origin, host, method, tags } = call
  return {
    call: { isKeyed, purchaseForSeconds, origin, host, method, tags },
    terms,
    notation,
    payer,
    exposure,
    charges,
  }
}

/** Whether a payment whose terms are those of a deal is of it, as far as a glance tells. */
function isSameDeal({ call, charges, notation, payer, exposure }: Deal, other: Payment): boolean {
  return (
    charges === other.charges &&
    notation === other.notation &&
    payer === other.payer &&
    exposure === other.exposure &&
    call.isKeyed === other.call.isKeyed &&
    call.purchaseForSeconds === other.call.purchaseForSeconds &&
    call.origin === other.call.origin &&
    call.host === other.call.host &&
    call.method === other.call.method &&
    call.tags === other.call.tags
  )
}

function toWritten({ call, terms, notation, payer, exposure, charges }: Payment): WrittenDeal {
  return {
    o: call.origin,
    h: call.host,
    m: call.method,
    f: payer,
    s: terms.scheme,
    n: terms.network,
    a: terms.asset,
    y: terms.payTo,
    v: String(terms.amount),
    t: terms.maxTimeoutSeconds,
    u: notation.symbol,
    e: Number.isInteger(notation.decimals) ? notation.decimals : undefined,
    p: notation.isPegged,
    g: call.tags,
    c: writeCharges(charges),
    k: call.isKeyed || undefined,
    b: call.purchaseForSeconds,
    x: String(exposure),
  }
}

/** A seller may write something else into `extra` each time, so that isn't part of a deal. */
const NO_EXTRA = Object.freeze({})

function fromWritten(deal: WrittenDeal): Deal {
  const amount = BigInt(deal.v)
  return {
    call: {
      isKeyed: deal.k === true,
      purchaseForSeconds: deal.b,
      origin: deal.o,
      host: deal.h,
      method: deal.m,
      tags: Object.freeze([...deal.g]),
    },
    terms: Object.freeze({
      scheme: deal.s,
      network: deal.n,
      asset: deal.a,
      payTo: deal.y,
      amount,
      maxTimeoutSeconds: deal.t,
      extra: NO_EXTRA,
    }),
    notation: Object.freeze({ symbol: deal.u, decimals: deal.e, isPegged: deal.p }),
    payer: deal.f,
    exposure: deal.x === UNREAD ? UNREAD : BigInt(deal.x),
    charges: readCharges(deal.c),
  }
}

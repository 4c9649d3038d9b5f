import type { NewRecord } from '../../flow/ports.js'
import { type Decoded, isJsonObject } from '../../wire/json.js'
import { isNetwork, type Network } from '../../wire/network.js'
import { type Field, type Fields, optional, readFields } from '../../wire/read-fields.js'
import type { Deal } from '../book/kept-payment.js'
import { chargesField, integerField, readCharges, writeCharges } from './charges.js'

/** Deals that a writer and a reader remember at once. */
const MAX_DEALS = 256

/** A deal as it stands in the file. */
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
  u: string | undefined
  e: number | undefined
  g: readonly string[]
  c: readonly string[]
  k: true | undefined
  x: true | undefined
}

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }

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
  u: optional(text),
  e: optional({ is: (value): value is number => Number.isInteger(value), must: 'a whole number' }),
  g: { is: (value): value is readonly string[] => Array.isArray(value) && value.every(text.is), must: 'texts' },
  c: chargesField,
  k: optional({ is: (value): value is true => value === true, must: 'true' }),
  x: optional({ is: (value): value is true => value === true, must: 'true' }),
}

/** Writes a deal out when it is new, and after that as a number: a third of the bytes, and of the time and memory to read them. */
export type DealWriter = {
  /** The members of a JSON object that name the record's deal. */
  write(record: NewRecord): string
  /** Begins anew, where what follows must be readable without what went before. */
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
    write(record) {
      const deal = JSON.stringify(toWritten(record))
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
 * Creates the reader of one file. It takes the lines in their order.
 *
 * @returns Takes the members `k` and `d` of a line, and returns the deal, or what is wrong with it.
 */
export function createDealReader(): (number: unknown, written: unknown) => Decoded<Deal> {
  const deals = new Map<number, Deal>()
  return (number, written) => {
    if (typeof number !== 'number' || !(number >= 0 && number < MAX_DEALS)) return { problem: 'it names no deal' }
    if (written === undefined) {
      const value = deals.get(number)
      return value === undefined ? { problem: 'it names an unknown deal' } : { value }
    }
    const deal = isJsonObject(written) ? readFields(written, FIELDS) : { problem: 'its deal is not an object' }
    if ('problem' in deal) return deal
    const value = fromWritten(deal.value)
    deals.set(number, value)
    return { value }
  }
}

function toWritten(record: NewRecord): WrittenDeal {
  return {
    o: record.origin,
    h: record.host,
    m: record.method,
    f: record.payer,
    s: record.scheme,
    n: record.network,
    a: record.asset,
    y: record.payTo,
    v: String(record.amount),
    u: record.symbol,
    e: Number.isInteger(record.decimals) ? record.decimals : undefined,
    g: record.tags,
    c: writeCharges(record.charges),
    k: record.isKeyed || undefined,
    x: record.unread,
  }
}

function fromWritten(deal: WrittenDeal): Deal {
  return {
    origin: deal.o,
    host: deal.h,
    method: deal.m,
    payer: deal.f,
    scheme: deal.s,
    network: deal.n,
    asset: deal.a,
    payTo: deal.y,
    amount: BigInt(deal.v),
    symbol: deal.u,
    decimals: deal.e,
    tags: Object.freeze([...deal.g]),
    charges: readCharges(deal.c),
    isKeyed: deal.k === true,
    unread: deal.x,
  }
}

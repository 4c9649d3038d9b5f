import type { Delivery, Facts, LedgerRecord, Presentation, State } from '../flow/ports.js'
import { type Decoded, type JsonObject, parseJsonObject } from '../protocol/json.js'
import { chargesField, readCharges, writeCharges } from './file-charges.js'
import { createDealReader, type Deal, type DealWriter } from './file-deals.js'

/** Stands between what happened and the signed payment, which is read only when it's still needed. JSON never holds it. */
export const SIGNED_BELOW = '\t'

/** A payment as it stood, or what became of one that an earlier line holds. */
export type Line = { readonly record: LedgerRecord } | Move

/** What became of a payment. */
export type Move = { readonly id: string; readonly to: State; readonly facts: Facts }

/** All members, so that none is forgotten: what isn't written here is lost with the process. */
type Whole = { readonly [Name in keyof Required<LedgerRecord>]: LedgerRecord[Name] }

/** Goes up when older versions would misread what newer ones write. */
const VERSION = 1

const STATES = byName<State>('reserved', 'signed', 'sent', 'settled', 'released')
const DELIVERIES = byName<Delivery>('none', 'answered', 'lost')

/**
 * Writes the first line of a file.
 *
 * @param records - How many payments follow at least: as many as were there when the file was made.
 */
export function writeHeader(records: number): string {
  return JSON.stringify({ pay402: 'ledger', version: VERSION, records })
}

/** Reads the first line of a file: how many payments it must hold at least. */
export function readHeader(text: string): Decoded<number> {
  const header = parseJsonObject(text)
  if ('problem' in header || header.value['pay402'] !== 'ledger') return { problem: 'it is not a ledger of pay402' }
  const { version, records } = header.value
  if (version !== VERSION || typeof records !== 'number') return { problem: 'it is a ledger of another version of pay402' }
  return { value: records }
}

/** Writes the line of a payment as it stands. */
export function writeRecord(record: LedgerRecord, deals: DealWriter): string {
  const { id, atSeconds, purchase, resource, state, delivery } = record
  const own = JSON.stringify({
    i: id,
    t: atSeconds,
    p: purchase,
    r: resource,
    z: state === 'reserved' ? undefined : state,
    w: delivery === 'none' ? undefined : delivery,
    ...writeFacts(record),
  })
  return `${own.slice(0, -1)},${deals.write(record)}}${record.presentation ? writeSigned(record.presentation) : ''}`
}

/**
 * Writes the line of a move.
 *
 * @param facts - What was learned.
 * @param after - The payment as it is now.
 */
export function writeMove(facts: Facts, { id, state }: LedgerRecord): string {
  const { charges, delivery } = facts
  return JSON.stringify({
    i: id,
    z: state,
    w: delivery,
    ...writeFacts(facts),
    c: charges && writeCharges(charges),
  })
}

/** Writes what follows a line's text when a signed payment goes with it. */
export function writeSigned(presentation: Presentation): string {
  return SIGNED_BELOW + JSON.stringify(presentation)
}

/**
 * Creates the reader of one file. It takes the lines in their order.
 *
 * It is written by hand and not as a table of fields, since opening a ledger reads every line that was ever written.
 *
 * @returns Takes a line without its signed payment, and returns what it says or what is wrong with it.
 */
export function createLineReader(): (text: string) => Decoded<Line> {
  const readDeal = createDealReader()
  return (text) => {
    const json = parseJsonObject(text)
    if ('problem' in json) return json
    const { i, z, t } = json.value
    const facts = readFacts(json.value)
    if ('problem' in facts) return facts
    const state = z === undefined && t !== undefined ? 'reserved' : STATES.get(z)
    if (typeof i !== 'string' || state === undefined) return { problem: 'it names no payment or no state' }
    if (t === undefined) return { value: { id: i, to: state, facts: facts.value } }
    const deal = readDeal(json.value['k'], json.value['d'])
    return 'problem' in deal ? deal : readRecord(i, state, facts.value, deal.value, json.value)
  }
}

function readRecord(id: string, state: State, facts: Facts, deal: Deal, { t, p, r }: JsonObject): Decoded<Line> {
  if (!Number.isSafeInteger(t) || typeof t !== 'number') return { problem: 'it has no time' }
  if (typeof p !== 'string' || typeof r !== 'string') return { problem: 'it names no purchase' }
  // Written out, since an object that is spread takes twice the memory, and there is one for each payment.
  const record: Whole = {
    purchase: p,
    origin: deal.origin,
    host: deal.host,
    method: deal.method,
    resource: r,
    payer: deal.payer,
    scheme: deal.scheme,
    network: deal.network,
    asset: deal.asset,
    payee: deal.payee,
    amount: deal.amount,
    symbol: deal.symbol,
    decimals: deal.decimals,
    tags: deal.tags,
    charges: deal.charges,
    id,
    atSeconds: t,
    state,
    delivery: facts.delivery ?? 'none',
    claimed: false,
    presentation: undefined,
    validUntilSeconds: facts.validUntilSeconds,
    nonce: facts.nonce,
    transaction: facts.transaction,
    sellerSaid: facts.sellerSaid,
  }
  return { value: { record: Object.freeze(record) } }
}

function readFacts({ w, e, n, c, x, q }: JsonObject): Decoded<Facts> {
  const delivery = DELIVERIES.get(w)
  const hasTexts = isOptionalText(n) && isOptionalText(x) && isOptionalText(q)
  const hasNumbers = isOptionalNumber(e) && (c === undefined || chargesField.is(c))
  if (!hasTexts || !hasNumbers || (w !== undefined && delivery === undefined)) {
    return { problem: 'what it says of a payment is not what was written' }
  }
  const charges = c && readCharges(c)
  return { value: { delivery, validUntilSeconds: e, nonce: n, charges, transaction: x, sellerSaid: q } }
}

/** Schemes are other people's code: what they say of a payload is written so that it can be read again, whatever its type. */
function writeFacts({ validUntilSeconds, nonce, transaction, sellerSaid }: Facts) {
  return {
    e: Number.isFinite(validUntilSeconds) ? validUntilSeconds : undefined,
    n: nonce === undefined ? undefined : String(nonce),
    x: transaction,
    q: sellerSaid,
  }
}

function byName<Name extends string>(...names: readonly Name[]): ReadonlyMap<unknown, Name> {
  return new Map(names.map((name) => [name, name]))
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}

function isOptionalNumber(value: unknown): value is number | undefined {
  return value === undefined || typeof value === 'number'
}

import type { Delivery, Facts, State } from '../../flow/ports.js'
import { type Decoded, freezeCopy, type JsonObject, parseJsonObject } from '../../wire/json.js'
import { KeptPayment } from '../book/kept-payment.js'
import { learn } from '../book/record.js'
import { allowancesField, chargesField, integerField, readCharges } from './charges.js'
import { createDealReader } from './deals.js'
import { FILE_VERSION } from './line.js'

/** A payment as it stood, or what became of one that an earlier line holds. */
export type Line = { readonly draft: KeptPayment } | Move

/** What became of a payment. */
export type Move = { readonly id: string; readonly to: State; readonly facts: Facts }

/** Resources that are looked for among those before: a shop has few, and then they are one text in memory. */
const MAX_RESOURCES = 4096

const STATES = byName<State>('reserved', 'signed', 'sent', 'settled', 'released')
const DELIVERIES = byName<Delivery>('none', 'delivered', 'answered', 'lost')

/** Reads the first line of a file: how many payments it must hold at least. */
export function readHeader(text: string): Decoded<number> {
  const header = parseJsonObject(text)
  if ('problem' in header || header.value['pay402'] !== 'ledger') return { problem: 'it is not a ledger of pay402' }
  const { version, records } = header.value
  if (version !== FILE_VERSION) return { problem: 'it was written by another version of pay402' }
  return typeof records === 'number' ? { value: records } : { problem: 'it does not say how many payments it has' }
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
  const pool = createPool()
  return (text) => {
    const json = parseJsonObject(text)
    if ('problem' in json) return json
    const line = json.value
    const facts = readFacts(line)
    if ('problem' in facts) return facts
    return 't' in line ? readDraft(line, facts.value) : readMove(line, facts.value)
  }

  function readDraft(line: JsonObject, facts: Facts): Decoded<Line> {
    const { i, t, p, o, r, z = 'reserved', k, d } = line
    const state = STATES.get(z)
    const deal = readDeal(k, d)
    if ('problem' in deal) return deal
    if (state === undefined || typeof t !== 'number') return { problem: 'it has no time' }
    if (typeof i !== 'string' || typeof p !== 'string' || typeof r !== 'string')
      return { problem: 'it names no purchase' }
    const coarse = o === true ? p : o
    if (!isOptionalText(coarse)) return { problem: 'it names no purchase' }
    const draft = new KeptPayment({ id: i, atSeconds: t, purchase: p, coarse, resource: pool(r), state }, deal.value)
    return { value: { draft: learn(draft, state, facts) } }
  }
}

function readMove({ i, z, p }: JsonObject, facts: Facts): Decoded<Line> {
  const to = STATES.get(z)
  if (typeof i !== 'string' || to === undefined || !isOptionalText(p)) {
    return { problem: 'it names no payment or no state' }
  }
  return { value: { id: i, to, facts: p === undefined ? facts : { ...facts, purchase: p } } }
}

function readFacts({ w, e, n, c, x, j, l, q, b, s, f }: JsonObject): Decoded<Facts> {
  const delivery = DELIVERIES.get(w)
  const hasTexts = isOptionalText(n) && isOptionalText(x) && isOptionalText(j) && isOptionalText(q)
  const hasNumbers =
    isOptionalNumber(e) &&
    isOptionalNumber(s) &&
    (c === undefined || chargesField.is(c)) &&
    (b === undefined || integerField.is(b))
  const hasAllowances = l === undefined || allowancesField.is(l)
  const isForgotten = f === undefined || f === true
  if (!hasTexts || !hasNumbers || !hasAllowances || !isForgotten || (w !== undefined && delivery === undefined)) {
    return { problem: 'what it says of a payment is not what was written' }
  }
  const learned = {
    charges: c && readCharges(c),
    charged: b === undefined ? undefined : BigInt(b),
    allowances: l && freezeCopy(l),
    status: s,
    ...(f === true && ({ forgotten: true } as const)),
    cancellation: j,
  }
  return { value: { delivery, validUntilSeconds: e, nonce: n, transaction: x, sellerSaid: q, ...learned } }
}

/** One text for all that are equal, as long as there are few different ones. */
function createPool(): (text: string) => string {
  const texts = new Map<string, string>()
  return (text) => {
    const known = texts.get(text)
    if (known === undefined && texts.size < MAX_RESOURCES) texts.set(text, text)
    return known ?? text
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

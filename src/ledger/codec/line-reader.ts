import type { PaymentEvent } from '../../payment/event.js'
import type { Value } from '../../payment/ledger.js'
import type { Delivery, Payment, PaymentApproval, State } from '../../payment/payment.js'
import { type Decoded, freezeCopy, isJsonObject, type JsonObject, parseJsonObject } from '../../wire/json.js'
import { createDealReader, type Deal } from './deals.js'
import { isOptionalAllowances, isOptionalInteger, isOptionalNumber, isOptionalText, readEvent } from './event-reader.js'
import { CLAIMED, FILE_VERSION, READ_VERSIONS } from './line.js'

/** A payment as it was, what happened to one that an earlier line holds, a value of the register, or who has a payment in flight. */
export type Line =
  /** An owner is the process that has it in flight, where that isn't the one that wrote the file. */
  | { readonly is: 'payment'; readonly payment: Payment; readonly owner?: string | undefined }
  | { readonly is: 'event'; readonly id: string; readonly event: PaymentEvent; readonly owner?: string | undefined }
  | { readonly is: 'claim'; readonly id: string; readonly owner: string; readonly token: string }
  | ValueLine
  /** A process that is named as an owner from here on. */
  | { readonly is: 'process'; readonly process: JsonObject }

/** A value that is `undefined` was removed. */
type ValueLine = {
  readonly is: 'value'
  readonly kind: string
  readonly key: string
  readonly value: Value | undefined
  /** Of the step that put it there, where another process asked for it. */
  readonly token?: string | undefined
}

/** Takes a line without its signed payment, and returns what it says or what is wrong with it. */
export type LineReader = (text: string) => Decoded<Line>

/** How many resources a reader remembers, so that equal ones are one text in memory: a shop has few. */
const MAX_RESOURCES = 4096

const STATES = byName<State>('reserved', 'sent', 'settled', 'released')
const DELIVERIES = byName<Delivery>('none', 'delivered', 'answered', 'lost')

/** What the first line of a file says. */
export type Header = {
  /** How many lines must follow at least. */
  readonly lines: number
  /** Whether an earlier version wrote it, which would misread lines that name a process. */
  readonly isOld: boolean
}

/** Reads the first line of a file. */
export function readHeader(text: string): Decoded<Header> {
  const header = parseJsonObject(text)
  if ('problem' in header || header.value['pay402'] !== 'ledger') return { problem: 'it is not a ledger of pay402' }
  const { version, lines } = header.value
  if (!READ_VERSIONS.includes(version)) return { problem: 'it was written by another version of pay402' }
  return typeof lines === 'number'
    ? { value: { lines, isOld: version !== FILE_VERSION } }
    : { problem: 'it does not say how many lines it has' }
}

/** Creates the reader of one store. It takes the lines in their order. */
export function createLineReader(): LineReader {
  const readDeal = createDealReader()
  const pool = createPool()

  function readPayment(line: JsonObject): Decoded<Line> {
    const { i, t, p, o, r, a, k, d } = line
    if (typeof i !== 'string' || typeof t !== 'number') return { problem: 'it has no name or no time' }
    const coarse = o === true ? p : o
    if (typeof p !== 'string' || typeof r !== 'string' || !isOptionalText(coarse) || !isOptionalText(a)) {
      return { problem: 'it names no purchase' }
    }
    const deal = readDeal(k, d)
    if ('problem' in deal) return deal
    const own = { id: i, atSeconds: t, purchase: p, coarse, resource: pool(r), asked: a }
    return readStanding(own, deal.value, line)
  }

  return (text) => {
    const json = parseJsonObject(text)
    if ('problem' in json) return json
    const line = json.value
    if (line['t'] !== undefined) return readPayment(line)
    if (line['g'] !== undefined) return readProcess(line)
    return line['u'] === undefined ? readHappening(line) : readValue(line)
  }
}

type Own = Pick<Payment, 'id' | 'atSeconds'> & Pick<Payment['call'], 'purchase' | 'coarse' | 'resource' | 'asked'>

function readStanding(own: Own, deal: Deal, line: JsonObject): Decoded<Line> {
  const { z = 'reserved', w = 'none', e, n, l, x, b, s, q, j, f, h, m } = line
  const state = STATES.get(z)
  const delivery = DELIVERIES.get(w)
  if (state === undefined || delivery === undefined) return { problem: 'it is in no state' }
  const isWritten =
    isOptionalNumber(e) &&
    isOptionalText(n) &&
    isOptionalAllowances(l) &&
    isOptionalText(x) &&
    isOptionalInteger(b) &&
    isOptionalNumber(s) &&
    isOptionalText(q) &&
    isOptionalText(j) &&
    (f === undefined || f === true) &&
    (h === undefined || isApproval(h)) &&
    isOptionalText(m)
  if (!isWritten) return { problem: 'what it says of a payment is not what was written' }
  const { purchase, coarse, resource, asked } = own
  const payment: Payment = {
    id: own.id,
    atSeconds: own.atSeconds,
    state,
    delivery,
    claimed: false,
    presentation: undefined,
    validUntilSeconds: e,
    nonce: n,
    allowances: l && freezeCopy(l),
    status: s,
    sellerSaid: q,
    forgotten: f === true,
    transaction: x,
    charged: b === undefined ? undefined : BigInt(b),
    cancellation: j,
    ...(h !== undefined && { approval: freezeCopy(h) }),
    ...deal, // late, as CONTRIBUTING.md says
    call: { purchase, coarse, resource, asked, ...deal.call },
  }
  return { value: { is: 'payment', payment, owner: m } }
}

function isApproval(value: unknown): value is PaymentApproval {
  if (!isJsonObject(value)) return false
  const { proposal, by, reason, atSeconds, use } = value
  const areTexts = [proposal, by, use].every((text) => typeof text === 'string')
  return areTexts && isOptionalText(reason) && typeof atSeconds === 'number'
}

function readHappening(line: JsonObject): Decoded<Line> {
  const { i, z, m, y } = line
  if (typeof i !== 'string') return { problem: 'it names no payment' }
  if (!isOptionalText(m)) return { problem: 'it names no process' }
  if (z === CLAIMED) {
    if (m === undefined || typeof y !== 'string') return { problem: 'it does not say who claimed' }
    return { value: { is: 'claim', id: i, owner: m, token: y } }
  }
  const event = readEvent(line)
  return 'problem' in event ? event : { value: { is: 'event', id: i, event: event.value, owner: m } }
}

function readValue({ u, y, v, m }: JsonObject): Decoded<Line> {
  if (typeof u !== 'string' || typeof y !== 'string' || !isOptionalText(m)) return { problem: 'it names no value' }
  if (v !== undefined && !isValue(v)) return { problem: 'its value is not what was written' }
  return { value: { is: 'value', kind: u, key: y, value: freezeCopy(v), token: m } }
}

function readProcess({ g }: JsonObject): Decoded<Line> {
  return isJsonObject(g) ? { value: { is: 'process', process: g } } : { problem: 'it names no process' }
}

/** Whether something is what a register may hold. */
export function isValue(value: unknown): value is Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return true
  return Array.isArray(value) ? value.every(isValue) : isJsonObject(value) && Object.values(value).every(isValue)
}

/** Creates a function that returns one and the same text for equal ones, as long as there aren't too many different ones. */
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

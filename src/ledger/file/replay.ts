import { apply, type PaymentEvent, toCrashEvent } from '../../payment/event.js'
import { compactPayment, type Payment, type Presentation } from '../../payment/payment.js'
import type { Book } from '../book/book.js'
import { toPlace } from '../book/window.js'
import { createLineReader, type Header, type Line, readHeader } from '../codec/line-reader.js'
import { readBelow } from '../codec/whole-payment.js'
import { createCorrupt } from './error.js'
import { readHolder } from './holder.js'
import { type Holdings, isInFlight } from './holdings.js'
import type { Log } from './log.js'
import { type Ending, readLines, readSpan, type Span } from './reader.js'

/** What opening a ledger's file found. */
export type Recovery = {
  /** Payments that were reserved and never sent: they count no more. */
  readonly released: number
  /** Payments that were sent and whose response is no longer waited for: they count, and the same purchase presents them again. */
  readonly lost: number
  /** Bytes that were cut off at the end: a line that was being written when the process or the machine stopped. */
  readonly tornBytes: number
}

/** What a ledger's file says, done again; whether its last line still has to be ended; and what isn't in it yet. */
export type Replay = Pick<Ending, 'isUnended'> & {
  readonly recovery: Recovery
  /** Whether an earlier version wrote the file: it's written anew before it names another process. */
  readonly isOld: boolean
  /** How the flights of other processes ended that are gone: to be written down, since they may look alive to who reads it next. */
  readonly ended: readonly (readonly [string, PaymentEvent])[]
}

/** What the file is done again in, and who of those that it names is still there. */
export type ReplayTarget = {
  /** Must be empty. */
  readonly book: Book
  /** Must be empty. */
  readonly holdings: Holdings
  isAlive(owner: string): Promise<boolean>
}

/** Most signed payments are over before the file ends, and are never read: until then one is in the file alone. */
type Unread = Presentation & { readonly span: Span }

/**
 * Does again in memory what a ledger's file says, and then what it means that the process that wrote it is gone.
 *
 * @param path - For the error.
 * @param log - The file; is moved to the end of what could be read.
 * @param target - What it's done in.
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when a line isn't what was written, or none of ours.
 */
export async function replay(path: string, log: Log, target: ReplayTarget): Promise<Replay> {
  const readLine = createLineReader()
  let header: Header | undefined

  const ending = await readLines(path, log, (text, span, number) => {
    if (number === 1) {
      const read = readHeader(text)
      if ('problem' in read) return read.problem
      header = read.value
      return undefined
    }
    const line = readLine(text)
    return 'problem' in line ? line.problem : follow(line.value, span, target)
  })
  if (header === undefined) throw createCorrupt(path, 1, 'it is not a ledger of pay402')
  if (log.lines - 1 < header.lines) throw createCorrupt(path, log.lines, 'lines are missing at its end')

  const { ended, ...recovery } = await endFlights(path, log, target)
  return {
    recovery: { ...recovery, tornBytes: ending.tornBytes },
    isUnended: ending.isUnended,
    isOld: header.isOld,
    ended,
  }
}

/** Ends what processes had in flight that are gone, the one that wrote the file first of all; and makes payments whole that are still open. */
async function endFlights(path: string, log: Log, target: ReplayTarget) {
  const { book, holdings } = target
  const alive = await findAlive(target)
  const found = { released: 0, lost: 0 }
  const ended: [string, PaymentEvent][] = []
  for (const payment of book.unfinished()) {
    const { id } = payment
    const owner = holdings.of(id)?.owner
    const event = owner === undefined || !alive.has(owner) ? toCrashEvent(payment) : undefined
    const now = event === undefined ? payment : end(payment, event, found)
    if (owner !== undefined && event !== undefined) ended.push([id, event])
    if (event !== undefined || !isInFlight(payment)) holdings.drop(id)
    book.restore(compactPayment(await readUnread(path, log, now)))
  }
  forgetOthers(holdings, alive)
  return { ...found, ended }
}

function forgetOthers({ all, drop, processes }: Holdings, alive: ReadonlySet<string>): void {
  for (const [id, { owner }] of all()) if (!alive.has(owner)) drop(id)
  for (const owner of processes.keys()) if (!alive.has(owner)) processes.delete(owner)
}

/** Few payments are open when the file ends, and only those wait for the disk. */
async function readUnread(path: string, log: Log, payment: Payment): Promise<Payment> {
  const { presentation } = payment
  if (presentation === undefined || !isUnread(presentation)) return payment
  const read = readBelow({ ...payment, presentation: undefined }, await readSpan(log, presentation.span))
  if ('problem' in read) throw createCorrupt(path, log.lines, 'a signed payment is not what was written')
  return read.value
}

/** Of all processes that have something in flight, those that are still there. */
async function findAlive({ holdings, isAlive }: ReplayTarget): Promise<ReadonlySet<string>> {
  const alive = new Set<string>()
  for (const owner of new Set(holdings.all().map(([, hold]) => hold.owner))) {
    if (await isAlive(owner)) alive.add(owner)
  }
  return alive
}

/** Does what a line says, and returns what is wrong with it, if anything. */
function follow(line: Line, span: Span | undefined, target: ReplayTarget): string | undefined {
  const { book, holdings } = target
  switch (line.is) {
    case 'payment':
      if (line.owner !== undefined) holdings.put(line.payment.id, { owner: line.owner })
      return add(span === undefined ? line.payment : { ...line.payment, presentation: toUnread(span) }, book)
    case 'event':
      return happen(line, span, target)
    case 'claim':
      return claim(line, target)
    case 'process':
      return meet(line, holdings)
    default:
      book.put(line.kind, line.key, line.value, book.get(line.kind, line.key))
      if (line.token !== undefined) holdings.keepPut(line.token, line.kind, line.key)
      return undefined
  }
}

function add(payment: Payment, book: Book): string | undefined {
  const place = toPlace(payment.id)
  const seconds = book.toCountedSeconds(place, payment.atSeconds)
  if (place !== book.count() || seconds < book.newestSeconds()) return 'a payment is out of order'
  book.restore(payment)
  return undefined
}

type LineOf<Name extends Line['is']> = Extract<Line, { is: Name }>

function happen({ id, event, owner }: LineOf<'event'>, span: Span | undefined, { book, holdings }: ReplayTarget) {
  const payment = book.find(id)
  if (payment === undefined) return 'it tells of an unknown payment'
  const isSigned = event.type === 'sent' && span !== undefined
  const after = apply(payment, isSigned ? { ...event, presentation: toUnread(span) } : event)
  if ('conflict' in after) return 'it says of a payment what can not have happened'
  book.restore(after)
  holdings.follow(after, event, owner)
  return undefined
}

function claim({ id, owner, token }: LineOf<'claim'>, { book, holdings }: ReplayTarget): string | undefined {
  const payment = book.find(id)
  if (payment === undefined) return 'it tells of an unknown payment'
  book.restore({ ...payment, claimed: true })
  holdings.put(id, { owner, claim: token })
  return undefined
}

function meet({ process }: LineOf<'process'>, { processes }: Holdings): string | undefined {
  const holder = readHolder(process)
  if (holder === undefined) return 'it names no process'
  processes.set(holder.token, holder)
  return undefined
}

/** What a payment is once its process is gone; counts those that were in flight. */
function end(payment: Payment, event: PaymentEvent, found: { released: number; lost: number }): Payment {
  const after = apply(payment, event)
  if ('conflict' in after || after === payment) return payment
  if (event.type !== 'freed') found[after.state === 'released' ? 'released' : 'lost'] += 1
  return after
}

const NOTHING: Presentation = { payload: { x402Version: 2, payload: {} }, entry: {} }

function toUnread(span: Span): Unread {
  return { payload: NOTHING.payload, entry: NOTHING.entry, span }
}

function isUnread(presentation: Presentation): presentation is Unread {
  return 'span' in presentation
}

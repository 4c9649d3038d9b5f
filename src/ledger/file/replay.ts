import { apply, toCrashEvent } from '../../payment/event.js'
import { compactPayment, type Payment, type Presentation } from '../../payment/payment.js'
import type { Book } from '../book/book.js'
import { toPlace } from '../book/window.js'
import { createLineReader, type Line, readHeader } from '../codec/line-reader.js'
import { readSigned } from '../codec/presentation.js'
import { createCorrupt } from './error.js'
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

/** What a ledger's file says, done again; and whether its last line still has to be ended. */
export type Replay = Recovery & Pick<Ending, 'isUnended'>

/** Most signed payments are over before the file ends, and are never read: until then one is in the file alone. */
type Unread = Presentation & { readonly span: Span }

/**
 * Does again in memory what a ledger's file says, and then what it means that the process that wrote it is gone.
 *
 * @param path - For the error.
 * @param log - The file; is moved to the end of what could be read.
 * @param book - Must be empty.
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when a line isn't what was written, or none of ours.
 */
export async function replay(path: string, log: Log, book: Book): Promise<Replay> {
  const readLine = createLineReader()
  let least = 0

  const ending = await readLines(path, log, (text, span, number) => {
    if (number === 1) {
      const header = readHeader(text)
      if ('problem' in header) return header.problem
      least = header.value
      return undefined
    }
    const line = readLine(text)
    return 'problem' in line ? line.problem : follow(line.value, span, book)
  })
  if (log.lines === 0) throw createCorrupt(path, 1, 'it is not a ledger of pay402')
  if (log.lines - 1 < least) throw createCorrupt(path, log.lines, 'lines are missing at its end')

  const found = { released: 0, lost: 0 }
  for (const payment of book.unfinished()) {
    const now = endFlight(payment, found)
    const { presentation } = now
    // Few are, and only those wait for the disk.
    const isOpen = presentation !== undefined && isUnread(presentation)
    const read = isOpen ? readSigned(now, await readSpan(log, presentation.span)) : { value: now }
    if ('problem' in read) throw createCorrupt(path, log.lines, 'a signed payment is not what was written')
    book.restore(compactPayment(read.value))
  }
  return { ...found, ...ending }
}

/** Does what a line says, and returns what is wrong with it, if anything. */
function follow(line: Line, span: Span | undefined, book: Book): string | undefined {
  switch (line.is) {
    case 'payment':
      return add(span === undefined ? line.payment : { ...line.payment, presentation: toUnread(span) }, book)
    case 'event':
      return happen(line, span, book)
    default:
      book.put(line.kind, line.key, line.value, book.get(line.kind, line.key))
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

function happen({ id, event }: Extract<Line, { is: 'event' }>, span: Span | undefined, book: Book): string | undefined {
  const payment = book.find(id)
  if (payment === undefined) return 'it tells of an unknown payment'
  const isSigned = event.type === 'sent' && span !== undefined
  const after = apply(payment, isSigned ? { ...event, presentation: toUnread(span) } : event)
  if ('conflict' in after) return 'it says of a payment what can not have happened'
  book.restore(after)
  return undefined
}

/** What a payment is once its process is gone; counts those that were in flight. */
function endFlight(payment: Payment, found: { released: number; lost: number }): Payment {
  const event = toCrashEvent(payment)
  const after = event === undefined ? payment : apply(payment, event)
  if ('conflict' in after || after === payment) return payment
  found[after.state === 'released' ? 'released' : 'lost'] += 1
  return after
}

const NOTHING: Presentation = { payload: { x402Version: 2, payload: {} }, entry: {} }

function toUnread(span: Span): Unread {
  return { payload: NOTHING.payload, entry: NOTHING.entry, span }
}

function isUnread(presentation: Presentation): presentation is Unread {
  return 'span' in presentation
}

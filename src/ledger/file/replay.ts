import { isClosed } from '../../payment/purchase.js'
import { freezeCopy } from '../../wire/json.js'
import type { RecordBook } from '../book/book.js'
import type { KeptPayment } from '../book/kept-payment.js'
import { learn, mayFollow, type Recovered, recover, toPlace } from '../book/record.js'
import { createLineReader, type Line, readHeader } from '../codec/line-reader.js'
import { readPresentation } from '../codec/presentation.js'
import { createCorrupt } from './error.js'
import type { Log } from './log.js'
import { type Ending, readLines, readSpan, type Span } from './reader.js'

/** What opening a ledger's file found. */
export type Recovery = Recovered & {
  /** Bytes that were cut off at the end: a line that was being written when the process or the machine stopped. */
  readonly tornBytes: number
}

/** What a ledger's file says, done again; and whether its last line still has to be ended. */
export type Replay = Recovery & Pick<Ending, 'isUnended'>

/**
 * Does again in memory what a ledger's file says, and then what it means that its writer is gone.
 *
 * @param path - For the error.
 * @param log - The file; is moved to the end of what could be read.
 * @param book - Must be empty.
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when a line isn't what was written, or none of ours.
 */
export async function replay(path: string, log: Log, book: RecordBook): Promise<Replay> {
  const readLine = createLineReader()
  const drafts: KeptPayment[] = []
  /** Most signed payments are over before the file ends, and are never read. */
  const signed = new Map<KeptPayment, Span>()
  let least = 0

  const ending = await readLines(path, log, (text, span, number) => {
    if (number === 1) {
      const header = readHeader(text)
      if ('problem' in header) return header.problem
      least = header.value
      return undefined
    }
    const line = readLine(text)
    const draft = 'problem' in line ? line.problem : follow(line.value, drafts)
    if (typeof draft === 'string') return draft
    if (isClosed(draft)) signed.delete(draft)
    else if (span !== undefined) signed.set(draft, span)
    return undefined
  })
  if (log.lines === 0) throw createCorrupt(path, 1, 'it is not a ledger of pay402')
  if (drafts.length < least) throw createCorrupt(path, log.lines, 'payments are missing at its end')
  const found = recover(drafts)
  for (const [draft, span] of signed) {
    const presentation = readPresentation(await readSpan(log, span))
    if ('problem' in presentation) throw createCorrupt(path, log.lines, 'a signed payment is not what was written')
    if (!isClosed(draft)) draft.presentation = freezeCopy(presentation.value)
  }
  for (const draft of drafts) book.restore(draft)
  return { ...found, ...ending }
}

/** Does what a line says, and returns the payment that it's about, or what is wrong. */
function follow(line: Line, drafts: KeptPayment[]): KeptPayment | string {
  if ('draft' in line) {
    const isInOrder =
      toPlace(line.draft.id) === drafts.length && line.draft.atSeconds >= (drafts.at(-1)?.atSeconds ?? 0)
    if (!isInOrder) return 'a payment is out of order'
    drafts.push(line.draft)
    return line.draft
  }
  const draft = drafts[toPlace(line.id)]
  if (draft?.id !== line.id || !mayFollow(draft.state, line.to))
    return 'it says of a payment what can not have happened'
  return learn(draft, line.to, line.facts)
}

import type { LedgerRecord, State } from '../flow/ports.js'
import type { RecordBook } from './create-record-book.js'
import { createCorrupt } from './file-error.js'
import { createLineReader, type Line, type Move, readHeader } from './file-line.js'
import type { Log } from './file-log.js'
import { readPresentation } from './file-presentation.js'
import { type Ending, readLines } from './file-reader.js'
import { LedgerError } from './ledger-error.js'

/** What opening a ledger's file found. */
export type Recovery = {
  /** Payments that were reserved and never sent: they count no more. */
  readonly released: number
  /** Payments that were sent and whose answer nobody waits for any more: they count, and the same purchase presents them again. */
  readonly lost: number
  /** Bytes that were cut off at the end: a line that was being written when the process or the machine stopped. */
  readonly tornBytes: number
}

/** What a ledger's file says, done again; and whether its last line still has to be ended. */
export type Replay = Recovery & Pick<Ending, 'isUnended'>

/** Signed payments as they stand in the file, by their payment: most are over before the file ends, and are never read. */
type SignedTexts = Map<string, string>

const STATES: readonly State[] = ['reserved', 'signed', 'sent', 'settled', 'released']

/**
 * Does again in memory what a ledger's file says, and then what the crash of whoever wrote it means.
 *
 * @param path - For the error.
 * @param log - The file; is moved to the end of what could be read.
 * @param book - Must be empty.
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when a line isn't what was written, or none of ours.
 */
export async function replay(path: string, log: Log, book: RecordBook): Promise<Replay> {
  const readLine = createLineReader()
  const signed: SignedTexts = new Map()
  let least = 0
  const ending = await readLines(path, log, (text, presentation, number) => {
    if (number > 1) return follow(readLine(text), presentation)
    const header = readHeader(text)
    if ('problem' in header) return header.problem
    least = header.value
    return undefined
  })
  if (log.lines === 0) throw createCorrupt(path, 1, 'it is not a ledger of pay402')
  if (book.count() < least) throw createCorrupt(path, log.lines, 'payments are missing at its end')
  return { ...recover(path, log, book, signed), ...ending }

  function follow(line: ReturnType<typeof readLine>, presentation: string | undefined): string | undefined {
    if ('problem' in line) return line.problem
    const record = toRecord(line.value)
    if (typeof record === 'string') return record
    if (record.delivery === 'answered' || record.state === 'released') signed.delete(record.id)
    else if (presentation !== undefined) signed.set(record.id, presentation)
    return undefined
  }

  function toRecord(line: Line): LedgerRecord | string {
    if (!('record' in line)) return move(line, book)
    return book.restore(line.record) ? line.record : 'a payment is out of order'
  }
}

function move({ id, to, facts }: Move, book: RecordBook): LedgerRecord | string {
  try {
    return book.move(id, STATES, to, facts)
  } catch (error) {
    if (error instanceof LedgerError) return 'it says of a payment what can not have happened'
    throw error
  }
}

/** Nobody holds the signature of what was never sent, and nobody waits for the answer to what was. */
function recover(path: string, log: Log, book: RecordBook, signed: SignedTexts): Omit<Recovery, 'tornBytes'> {
  const found = { released: 0, lost: 0 }
  for (const { id, state, delivery } of book.copy()) {
    const text = signed.get(id)
    if (state === 'reserved' || state === 'signed') {
      book.move(id, [state], 'released', {})
      found.released += 1
    } else if (text !== undefined || (state !== 'released' && delivery === 'none')) {
      const presentation = text === undefined ? undefined : readPresentation(text)
      if (presentation && 'problem' in presentation) throw createCorrupt(path, log.lines, 'a signed payment is damaged')
      book.move(id, [state], state, { delivery: delivery === 'none' ? 'lost' : delivery, presentation: presentation?.value })
      if (delivery === 'none') found.lost += 1
    }
  }
  return found
}

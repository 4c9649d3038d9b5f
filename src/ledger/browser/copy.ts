import type { LedgerRecord } from '../../flow/ports.js'
import type { Clock } from '../../payment/clock.js'
import { type Claimant, isUnderWay } from '../../payment/purchase.js'
import type { RandomBytes } from '../../payment/random.js'
import { createRecordBook, type RecordBook } from '../book/book.js'
import { abandon } from '../book/record.js'
import { createCorrupt } from './error.js'
import { FORMAT, type Head, type ReadRow, readHead, readRow, writeRow } from './row.js'
import type { Rows } from './store.js'

/** What one tab knows of a ledger's database: all of it, as of some version. */
export type Copy = {
  readonly book: RecordBook
  /** The version that it knows. */
  version(): number
  /** Tabs that have something under way. */
  holders(): ReadonlySet<string>
  /** The tab that has this payment under way. */
  holderOf(id: string): string | undefined
  /** Tabs that have sent a payment under either name of this purchase and wait for its answer, or present it. */
  holdersOf(names: Pick<Claimant, 'purchase' | 'coarse'>): readonly string[]
  /**
   * Reads what other tabs wrote since.
   *
   * @throws {@link LedgerError} `LEDGER_CORRUPT` when that isn't what was written.
   */
  catchUp(rows: Rows): Promise<void>
  /** Notes that this tab changed a payment. Whoever had it under way still has. */
  note(record: LedgerRecord, self: string): void
  /** Notes that this tab has a payment under way from now on. */
  noteTaken(record: LedgerRecord, self: string): void
  /** Gives up what these tabs had under way. */
  abandon(holders: ReadonlySet<string>): void
  /** Writes what was noted. */
  write(rows: Rows): void
}

/**
 * Creates a copy that knows nothing yet.
 *
 * @param ledger - The name, for errors.
 * @param least - A version that the database had already: one that is older was put in its place.
 */
export function createCopy(ledger: string, clock: Clock, random: RandomBytes, least: number): Copy {
  const book = createRecordBook(clock, random)
  /** By payment, those that are under way. */
  const holders = new Map<string, string>()
  /** By payment, what its row adds to the head. */
  const sums = new Map<string, number>()
  const noted = new Set<string>()
  let head: Head = { format: FORMAT, version: 0, count: 0, sum: 0 }

  function hold({ id, claimed, ...record }: LedgerRecord, holder: string): void {
    if (claimed || isUnderWay(record)) holders.set(id, holder)
    else holders.delete(id)
  }

  function take({ row, record }: ReadRow): void {
    const isNext = row.place === book.count()
    if (!isNext && book.find(record.id) === undefined) {
      throw createCorrupt(ledger, 'a payment is missing', Math.min(row.place, book.count()))
    }
    book.put(record)
    hold(record, row.holder)
    sums.set(record.id, row.sum)
  }

  function noteTaken(record: LedgerRecord, holder: string): void {
    hold(record, holder)
    noted.add(record.id)
  }

  return {
    book,
    version: () => head.version,
    holders: () => new Set(holders.values()),
    holderOf: (id) => holders.get(id),
    holdersOf({ purchase, coarse }) {
      const underWay = [...holders].filter(([id]) => {
        const record = book.find(id)
        if (record === undefined || record.state === 'reserved' || record.state === 'signed') return false
        return record.purchase === purchase || (coarse !== undefined && record.coarse === coarse)
      })
      return underWay.map(([, holder]) => holder)
    },
    async catchUp(rows) {
      const found = readHead(await rows.head())
      if ('problem' in found) throw createCorrupt(ledger, found.problem)
      const { version, count } = found.value
      if (version < Math.max(least, head.version)) {
        throw createCorrupt(ledger, 'it was emptied, or an older one was put in its place')
      }
      let { sum } = head
      // Also where nothing says that there is anything: then there must be nothing.
      if (version > head.version || version === 0) {
        for (const read of readRows(ledger, await rows.since(head.version))) {
          sum ^= (sums.get(read.record.id) ?? 0) ^ read.row.sum
          take(read)
        }
      }
      if (book.count() !== count || sum >>> 0 !== found.value.sum) {
        throw createCorrupt(ledger, 'payments are missing, or older than they were')
      }
      head = found.value
    },
    note: (record, self) => noteTaken(record, holders.get(record.id) ?? self),
    noteTaken,
    abandon(gone) {
      for (const [id, holder] of [...holders]) {
        const record = gone.has(holder) ? book.find(id) : undefined
        if (record === undefined) continue
        const after = Object.freeze(abandon({ ...record }))
        book.put(after)
        noteTaken(after, holder)
      }
    },
    write(rows) {
      if (noted.size === 0) return
      let { version, sum } = head
      for (const id of noted) {
        const record = book.find(id)
        if (record === undefined) continue
        version += 1
        const row = writeRow(record, version, holders.get(id) ?? '')
        sum ^= (sums.get(id) ?? 0) ^ row.sum
        sums.set(id, row.sum)
        rows.put(row)
      }
      noted.clear()
      head = { format: FORMAT, version, count: book.count(), sum: sum >>> 0 }
      rows.putHead(head)
    },
  }
}

/** In the order in which they were reserved. */
function readRows(ledger: string, values: readonly unknown[]): readonly ReadRow[] {
  const read = values.map((value) => {
    const row = readRow(value)
    if ('problem' in row) throw createCorrupt(ledger, `a payment can't be read, since ${row.problem}`, placeOf(value))
    return row.value
  })
  return read.sort((a, b) => a.row.place - b.row.place)
}

function placeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'place') : undefined
}

import type { Clock } from '../../payment/clock.js'
import { toCrashEvent } from '../../payment/event.js'
import type { Payment } from '../../payment/payment.js'
import { type Claimant, isUnderWay } from '../../payment/purchase.js'
import type { RandomBytes } from '../../payment/random.js'
import { type Book, createBook } from '../book/book.js'
import { CLOCK, type Fall } from '../book/ledger-time.js'
import { toPlace } from '../book/window.js'
import { createLineReader, type LineReader } from '../codec/line-reader.js'
import { createCorrupt } from './error.js'
import { FORMAT, type Head, type ReadRow, type Row, readHead, readRow, toKey, writeRow, writeValueRow } from './row.js'
import type { Rows } from './store.js'

/** What one tab knows of a ledger's database: all of it, as of some version. */
export type Copy = {
  readonly book: Book
  /** The version that it knows. */
  version(): number
  /** Tabs that have something in flight. */
  holders(): ReadonlySet<string>
  /** The tab that has this payment in flight. */
  holderOf(id: string): string | undefined
  /** Tabs that have sent a payment under either name of this purchase and wait for its response, or present it. */
  holdersOf(names: Pick<Claimant, 'purchase' | 'coarse'>): readonly string[]
  /**
   * Reads what other tabs wrote since.
   *
   * @throws {@link LedgerError} `LEDGER_CORRUPT` when that isn't what was written.
   */
  catchUp(rows: Rows): Promise<void>
  /** Notes that this tab changed a payment. Whichever tab had it in flight still does. */
  note(payment: Payment, self: string): void
  /** Notes that this tab has a payment in flight from now on. */
  noteTaken(payment: Payment, self: string): void
  /** Notes that this tab changed a value of the register. */
  noteValue(kind: string, key: string): void
  /** Gives up what these tabs had in flight. */
  abandon(holders: ReadonlySet<string>): void
  /** Writes what was noted. */
  write(rows: Rows): void
}

/**
 * Creates a copy that knows nothing yet.
 *
 * @param ledger - The name, for errors.
 * @param least - A version that the database has already had: if it has an older one now, it was replaced.
 * @param tellFall - Told when this tab finds that the clock has fallen.
 */
export function createCopy(
  ledger: string,
  clock: Clock,
  random: RandomBytes,
  least: number,
  tellFall: (fall: Fall | undefined) => void,
): Copy {
  const book = createBook(clock, random, undefined, (fall) => {
    tellFall(fall)
    noteValue(CLOCK.kind, CLOCK.key)
  })
  const readLine = createLineReader()
  /** By payment, those that are in flight. */
  const holders = new Map<string, string>()
  /** By row, what it adds to the head. */
  const sums = new Map<Row['key'], number>()
  /** By row, what writes it as it is then. */
  const noted = new Map<Row['key'], (version: number) => Row>()
  let head: Head = { format: FORMAT, version: 0, count: 0, sum: 0 }

  function hold(payment: Payment, holder: string): void {
    if (payment.claimed || isUnderWay(payment)) holders.set(payment.id, holder)
    else holders.delete(payment.id)
  }

  function take({ row, said }: ReadRow): void {
    if (said.is === 'value') book.put(said.kind, said.key, said.value, book.get(said.kind, said.key))
    else takePayment(said.payment, row.holder)
    sums.set(row.key, row.sum)
  }

  function takePayment(payment: Payment, holder: string): void {
    const place = toPlace(payment.id)
    if (place !== book.count() && book.find(payment.id) === undefined) {
      throw createCorrupt(ledger, 'a payment is missing', Math.min(place, book.count()))
    }
    book.restore(payment)
    hold(payment, holder)
  }

  function noteTaken(payment: Payment, holder: string): void {
    const { id } = payment
    hold(payment, holder)
    noted.set(toPlace(id), (version) => writeRow(book.find(id) ?? payment, version, holders.get(id) ?? ''))
  }

  function noteValue(kind: string, key: string): void {
    noted.set(toKey(kind, key), (version) => writeValueRow(kind, key, book.get(kind, key), version))
  }

  return {
    book,
    version: () => head.version,
    holders: () => new Set(holders.values()),
    holderOf: (id) => holders.get(id),
    holdersOf({ purchase, coarse }) {
      const inFlight = [...holders].filter(([id]) => {
        const payment = book.find(id)
        if (payment === undefined || payment.state === 'reserved') return false
        return payment.call.purchase === purchase || (coarse !== undefined && payment.call.coarse === coarse)
      })
      return inFlight.map(([, holder]) => holder)
    },
    async catchUp(rows) {
      const found = readHead(await rows.head())
      if ('problem' in found) throw createCorrupt(ledger, found.problem)
      const { version, count } = found.value
      if (version < Math.max(least, head.version)) {
        throw createCorrupt(ledger, 'it was emptied, or an older one was put in its place')
      }
      let { sum } = head
      // Even at version 0: then there must be no rows.
      if (version > head.version || version === 0) {
        for (const read of readRows(ledger, await rows.since(head.version), readLine)) {
          sum ^= (sums.get(read.row.key) ?? 0) ^ read.row.sum
          take(read)
        }
      }
      if (sums.size !== count || sum >>> 0 !== found.value.sum) {
        throw createCorrupt(ledger, 'payments are missing, or older than they were')
      }
      head = found.value
    },
    note: (payment, self) => noteTaken(payment, holders.get(payment.id) ?? self),
    noteTaken,
    noteValue,
    abandon(gone) {
      for (const [id, holder] of [...holders]) {
        const payment = gone.has(holder) ? book.find(id) : undefined
        const event = payment && toCrashEvent(payment)
        if (event !== undefined) noteTaken(book.note(id, event), holder)
      }
    },
    write(rows) {
      if (noted.size === 0) return
      let { version, sum } = head
      for (const [key, toRow] of noted) {
        version += 1
        const row = toRow(version)
        sum ^= (sums.get(key) ?? 0) ^ row.sum
        sums.set(key, row.sum)
        rows.put(row)
      }
      noted.clear()
      head = { format: FORMAT, version, count: sums.size, sum: sum >>> 0 }
      rows.putHead(head)
    },
  }
}

/** Payments in the order in which they were reserved. */
function readRows(ledger: string, values: readonly unknown[], readLine: LineReader): readonly ReadRow[] {
  const read = values.map((value) => {
    const row = readRow(value, readLine)
    if ('problem' in row) throw createCorrupt(ledger, `a payment can't be read, since ${row.problem}`, keyOf(value))
    return row.value
  })
  return read.sort((a, b) => placeOf(a) - placeOf(b))
}

/** Values of the register have none: where they are put among the payments makes no difference. */
function placeOf({ row: { key } }: ReadRow): number {
  return typeof key === 'number' ? key : 0
}

function keyOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, 'key') : undefined
}

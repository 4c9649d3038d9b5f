// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { rename, rm } from 'node:fs/promises'
import type { RegisterEntry } from '../book/book.js'
import type { Payments } from '../book/places.js'
import { createDealWriter } from '../codec/deals.js'
import { writeHeader, writePayment, writeValue } from '../codec/line.js'
import { appendLines, createLog, type Log, syncFolderOf } from './log.js'

/** Payments that are written in one go; in between others have their turn. */
const BATCH = 1000

/** All that a ledger holds. */
export type Contents = {
  /** Oldest first. */
  readonly payments: Payments
  readonly values: readonly RegisterEntry[]
}

/** A file that holds one line for each payment and value, and isn't yet in its place. */
export type Snapshot = {
  readonly log: Log
  /** Puts it in the place of the ledger's file. Whenever the machine stops, one of both is there, whole. */
  adopt(): Promise<void>
  /** Deletes it. */
  discard(): Promise<void>
}

/**
 * Writes what a ledger holds to a new file next to its own.
 *
 * @param path - The ledger's file.
 * @param contents - What it holds.
 */
export async function writeSnapshot(path: string, contents: Contents): Promise<Snapshot> {
  const fresh = toSnapshotPath(path)
  await discardSnapshot(path)
  const log = await createLog(fresh)
  const snapshot: Snapshot = {
    log,
    async adopt() {
      await log.handle.sync()
      await rename(fresh, path)
      await syncFolderOf(path)
    },
    async discard() {
      await log.handle.close()
      await discardSnapshot(path)
    },
  }
  try {
    await writeAll(log, contents)
  } catch (error) {
    await snapshot.discard()
    throw error
  }
  return snapshot
}

/** Deletes what a process left behind that ended while it wrote one. */
export async function discardSnapshot(path: string): Promise<void> {
  await rm(toSnapshotPath(path), { force: true })
}

async function writeAll(log: Log, { payments, values }: Contents): Promise<void> {
  const deals = createDealWriter()
  let lines = [writeHeader(payments.count + values.length)]
  for (const { kind, key, value } of values) lines.push(writeValue(kind, key, value))
  for (const payment of payments) {
    lines.push(writePayment(payment, deals))
    if (lines.length < BATCH) continue
    await appendLines(log, lines)
    lines = []
  }
  await appendLines(log, lines)
  await log.handle.sync()
}

function toSnapshotPath(path: string): string {
  return `${path}.new`
}

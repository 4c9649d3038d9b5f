// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { rename, rm } from 'node:fs/promises'
import type { Copied } from '../book/window.js'
import { createDealWriter } from '../codec/deals.js'
import { writeHeader, writeRecord } from '../codec/line.js'
import { appendLines, createLog, type Log, syncFolderOf } from './log.js'

/** Payments that are written at once; in between others have their turn. */
const BATCH = 1000

/** A file that holds one line for each payment, and isn't yet in its place. */
export type Snapshot = {
  readonly log: Log
  /** Puts it in the place of the ledger's file. Whenever the machine stops, one of both is there, whole. */
  adopt(): Promise<void>
  /** Deletes it. */
  discard(): Promise<void>
}

/**
 * Writes payments to a new file beside the ledger's.
 *
 * @param path - The ledger's file.
 * @param records - Oldest first.
 */
export async function writeSnapshot(path: string, records: readonly Copied[]): Promise<Snapshot> {
  const beside = toSnapshotPath(path)
  await discardSnapshot(path)
  const log = await createLog(beside)
  const snapshot: Snapshot = {
    log,
    async adopt() {
      await log.handle.sync()
      await rename(beside, path)
      await syncFolderOf(path)
    },
    async discard() {
      await log.handle.close()
      await discardSnapshot(path)
    },
  }
  try {
    await writeAll(log, records)
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

async function writeAll(log: Log, records: readonly Copied[]): Promise<void> {
  const deals = createDealWriter()
  await appendLines(log, [writeHeader(records.length)])
  for (let at = 0; at < records.length; at += BATCH) {
    await appendLines(
      log,
      records
        .slice(at, at + BATCH)
        .map((record) => writeRecord('original' in record ? record.original : record, deals)),
    )
  }
  await log.handle.sync()
}

function toSnapshotPath(path: string): string {
  return `${path}.new`
}

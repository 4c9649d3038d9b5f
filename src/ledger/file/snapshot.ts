// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { rename, rm, stat } from 'node:fs/promises'
import type { RegisterEntry } from '../book/book.js'
import type { Payments } from '../book/places.js'
import { createDealWriter } from '../codec/deals.js'
import { writeClaim, writeHeader, writePayment, writeProcess, writeValue } from '../codec/line.js'
import { writeExtra } from '../codec/whole-payment.js'
import type { Holder } from './holder.js'
import type { Hold } from './holdings.js'
import { appendLines, createLog, type Log, syncFolderOf } from './log.js'
import { orMissing } from './missing.js'

/** Payments that are written in one go; in between others have their turn. */
const BATCH = 1000

/** All that a ledger holds. */
export type Contents = {
  /** Oldest first. */
  readonly payments: Payments
  /** With the tokens of the steps that put them there, where those may still be done again. */
  readonly values: readonly (RegisterEntry & { readonly token?: string | undefined })[]
  /** Other processes that have payments in flight, and which. @default none */
  readonly processes?: readonly Holder[]
  readonly holds?: readonly (readonly [string, Hold])[]
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
  await keepOwner(path, log)
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

/** An administrator may rewrite what a user has, who must be able to open it afterwards. */
async function keepOwner(path: string, { handle }: Log): Promise<void> {
  const [before, { uid }] = await Promise.all([orMissing(stat(path)), handle.stat()])
  if (before !== undefined && before.uid !== uid) await handle.chown(before.uid, before.gid).catch(() => undefined)
}

async function writeAll(log: Log, { payments, values, processes = [], holds = [] }: Contents): Promise<void> {
  const deals = createDealWriter()
  const owners = new Map(holds.map(([id, { owner }]) => [id, owner]))
  let lines = [writeHeader(payments.count + values.length), ...processes.map(writeProcess)]
  for (const { kind, key, value, token } of values) lines.push(writeValue(kind, key, value, token))
  for (const payment of payments) {
    const owner = owners.get(payment.id)
    lines.push(writePayment(payment, deals, owner) + (owner === undefined ? '' : writeExtra(payment)))
    if (lines.length < BATCH) continue
    await appendLines(log, lines)
    lines = []
  }
  for (const [id, { owner, claim }] of holds) if (claim !== undefined) lines.push(writeClaim(id, owner, claim))
  await appendLines(log, lines)
  await log.handle.sync()
}

function toSnapshotPath(path: string): string {
  return `${path}.new`
}

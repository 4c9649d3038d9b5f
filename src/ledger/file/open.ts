// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { PaymentEvent } from '../../payment/event.js'
import { createUnavailable } from './error.js'
import { type Log, openLog, syncFolderOf } from './log.js'
import { orMissing } from './missing.js'
import { type Recovery, type ReplayTarget, replay } from './replay.js'
import { discardSnapshot, writeSnapshot } from './snapshot.js'

/** Bits of a file's mode by which others may read, write or run it. */
const OTHERS = 0o077

/** A ledger's file, open at its end, and what was found in it. */
export type OpenFile = {
  readonly log: Log
  readonly recovery: Recovery
  /** Whether an earlier version wrote it. */
  readonly isOld: boolean
  /** What became of payments by that, and isn't in the file yet. */
  readonly ended: readonly (readonly [string, PaymentEvent])[]
}

/**
 * Opens a ledger's file, or makes it. The caller holds its lock.
 *
 * @param path - Its one name.
 * @param target - Must be empty; is given what the file holds.
 * @param mayMake - Whether one may be made. A handle that had it open before makes none: what was paid would count no more.
 * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` where there is none, and none may be made.
 */
export async function openFile(path: string, target: ReplayTarget, mayMake: boolean): Promise<OpenFile> {
  await discardSnapshot(path)
  const found = await orMissing(stat(path))
  if (found === undefined || found.size === 0) {
    if (!mayMake) throw createUnavailable(path, 'it was removed or emptied')
    return makeFile(path)
  }
  const handle = await open(path, constants.O_RDWR | constants.O_APPEND)
  try {
    // It holds signed payments: a copy that was put back is often readable by all.
    if ((found.mode & OTHERS) !== 0) await handle.chmod(0o600)
    return await readFile(path, handle, target)
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function makeFile(path: string): Promise<OpenFile> {
  const { log, adopt, discard } = await writeSnapshot(path, {
    payments: { count: 0, [Symbol.iterator]: () => [].values() },
    values: [],
  })
  try {
    await adopt()
    await syncFolderOf(path)
  } catch (error) {
    await discard()
    throw error
  }
  return { log, recovery: { released: 0, lost: 0, tornBytes: 0 }, isOld: false, ended: [] }
}

async function readFile(path: string, handle: FileHandle, target: ReplayTarget): Promise<OpenFile> {
  const log = await openLog(handle)
  const { isUnended, ...found } = await replay(path, log, target)
  if (found.recovery.tornBytes > 0) await handle.truncate(log.bytes)
  if (isUnended) await handle.appendFile('\n')
  // Who wrote it last may be gone, and what it sent is presented again: that has to be on the disk.
  await handle.datasync()
  await syncFolderOf(path)
  return { log, ...found }
}

/**
 * Finds the one name under which a ledger's file is locked, written and replaced, whatever link leads to it.
 *
 * @param path - As the caller wrote it; the file may not exist yet, its folder must.
 * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when it is no file of its own.
 */
export async function resolveFile(path: string): Promise<string> {
  const whole = resolve(path)
  if ((await orMissing(lstat(whole))) === undefined) return join(await realpath(dirname(whole)), basename(whole))
  const file = await realpath(whole)
  const found = await stat(file)
  if (!found.isFile()) throw createUnavailable(file, 'it is not a regular file')
  // A hard link is a second name with a lock of its own, and it stays behind when the file is rewritten.
  if (found.nlink > 1) throw createUnavailable(file, 'it has a second name, under which another process could open it')
  return file
}

// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { RecordBook } from './create-record-book.js'
import { type Log, openLog, syncFolderOf } from './file-log.js'
import { orMissing } from './file-missing.js'
import { type Recovery, replay } from './file-replay.js'
import { discardSnapshot, writeSnapshot } from './file-snapshot.js'

/** Bits of a file's mode by which others may read, write or run it. */
const OTHERS = 0o077

/** A ledger's file, open at its end, and what was found in it. */
export type OpenFile = { readonly log: Log; readonly recovery: Recovery }

/**
 * Opens a ledger's file, or makes it. Whoever calls this holds its lock.
 *
 * @param path - Its one name.
 * @param book - Must be empty; is given what the file holds.
 */
export async function openFile(path: string, book: RecordBook): Promise<OpenFile> {
  await discardSnapshot(path)
  const found = await orMissing(stat(path))
  if (found === undefined || found.size === 0) return makeFile(path)
  const handle = await open(path, constants.O_RDWR | constants.O_APPEND)
  try {
    // It holds signed payments: a copy that was put back is often readable by all.
    if ((found.mode & OTHERS) !== 0) await handle.chmod(0o600)
    return await readFile(path, handle, book)
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function makeFile(path: string): Promise<OpenFile> {
  const { log, adopt, discard } = await writeSnapshot(path, [])
  try {
    await adopt()
    await syncFolderOf(path)
  } catch (error) {
    await discard()
    throw error
  }
  return { log, recovery: { released: 0, lost: 0, tornBytes: 0 } }
}

async function readFile(path: string, handle: FileHandle, book: RecordBook): Promise<OpenFile> {
  const log = await openLog(handle)
  const { isUnended, ...recovery } = await replay(path, log, book)
  if (recovery.tornBytes > 0) await handle.truncate(log.bytes)
  if (isUnended) await handle.appendFile('\n')
  return { log, recovery }
}

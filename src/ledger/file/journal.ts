// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import type { FileHandle } from 'node:fs/promises'
import { createUnavailable } from './error.js'
import { appendLines, assertUntouched, isCut, type Log, syncFolderOf } from './log.js'
import { type Contents, type Snapshot, writeSnapshot } from './snapshot.js'
import { coalesce, createTurns } from './turns.js'

/** Writes what happens to a ledger's file, and rewrites it when most of it is over. */
export type Journal = {
  /** Why nothing can be written any more; `undefined` as long as it can. */
  failure(): Failure | undefined
  /** Writes nothing from now on: what happened could not be put into a line. */
  fail(cause: unknown): void
  /** Writes a line after those that were given before; `isDurable` waits until a power loss can't undo it. */
  append(text: string, isDurable: boolean): Promise<void>
  /** Waits until a power loss can't undo anything that was appended before. */
  flush(): Promise<void>
  /** How many lines the file has. */
  lines(): number
  /** Rewrites the file: what the ledger holds, and all that is appended from now on. */
  rewrite(contents: Contents): Promise<void>
  /** Ends it, with all that was appended on the disk. */
  close(): Promise<void>
}

/** Why a ledger's file can't be used. */
export type Failure = {
  readonly because: string
  readonly cause?: unknown
  /** It holds less than was written to it, so no one may read it anew before a person has looked at it. */
  readonly isCut?: boolean
}

/**
 * Creates the journal of an open file.
 *
 * What is appended during one write goes into the next one, together, and so for what waits for the disk. Once a write has failed
 * all further ones fail: what the file holds isn't known any more. When it's closed then, what was never confirmed is cut off, as far as that can
 * be done.
 *
 * @param path - The ledger's file.
 * @param opened - The same, open at its end, and on the disk.
 * @param onFailure - Told once, in the step in which the first write fails and before anyone else is told.
 */
export function createJournal(
  path: string,
  opened: Log,
  onFailure: (failure: Failure) => void = () => undefined,
): Journal {
  const inTurn = createTurns()
  let log = opened
  let failure: Failure | undefined
  let pending: string[] = []
  /** Bytes that a power loss can't undo. */
  let syncedBytes = opened.bytes
  /** Where the file is cut once a write has failed: a part of a line may be behind it, or what is in memory alone and looks written. */
  let cutAt: number | undefined
  /** What was appended since a rewrite began, which the new file has to hold as well. */
  let since: string[] | undefined

  const write = coalesce(() => inTurn(() => orFail(writePending)))
  const sync = coalesce(() => orFail(syncWritten))

  function fail(cause: unknown): void {
    if (failure !== undefined) return
    failure = { because: 'writing to it failed, and what it holds now is unknown', cause, isCut: isCut(cause) }
    onFailure(failure)
  }

  async function syncWritten(): Promise<void> {
    const { handle, bytes } = log
    try {
      await handle.datasync()
    } catch (cause) {
      // The system may take for written what it failed to write: a later wait for the disk would succeed.
      cutAt = Math.min(cutAt ?? syncedBytes, syncedBytes)
      throw cause
    }
    if (handle === log.handle) syncedBytes = bytes
  }

  async function cutOff(): Promise<void> {
    // What is left then is read as after a crash.
    if (cutAt !== undefined) await log.handle.truncate(cutAt).catch(() => undefined)
  }

  async function orFail(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      fail(cause)
      throw cause
    }
  }

  async function assertReady(): Promise<void> {
    if (failure !== undefined) throw createUnavailable(path, failure.because, { cause: failure.cause })
    await assertUntouched(path, log)
  }

  async function writePending(): Promise<void> {
    await assertReady()
    const texts = pending
    pending = []
    if (texts.length === 0) return
    try {
      await appendLines(log, texts)
    } catch (cause) {
      cutAt = Math.min(cutAt ?? log.bytes, log.bytes)
      throw cause
    }
  }

  async function replaceFile({ log: fresh, adopt, discard }: Snapshot): Promise<FileHandle> {
    const old = log.handle
    const covered = pending.length
    const texts = since ?? []
    since = undefined
    try {
      await assertReady()
      await appendLines(fresh, texts)
      await adopt()
    } catch (error) {
      await discard()
      throw error
    }
    log = fresh
    syncedBytes = fresh.bytes
    cutAt = undefined // of the old file: a wait for its disk may have failed meanwhile, and all of this one is on the disk
    pending.splice(0, covered)
    await orFail(() => syncFolderOf(path))
    return old
  }

  return {
    failure: () => failure,
    fail,
    async append(text, isDurable) {
      pending.push(text)
      since?.push(text)
      await write()
      if (isDurable) await sync()
    },
    flush: () => write().then(sync),
    lines: () => log.lines,
    async rewrite(contents) {
      since = []
      try {
        const snapshot = await writeSnapshot(path, contents)
        const old = await inTurn(() => replaceFile(snapshot))
        await old.close()
      } finally {
        since = undefined
      }
    },
    async close() {
      try {
        if (failure === undefined) await write().then(sync)
      } finally {
        failure ??= { because: 'it was closed' }
        await inTurn(cutOff) // after a write that is still under way
        await log.handle.close()
      }
    },
  }
}

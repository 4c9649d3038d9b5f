// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import type { FileHandle } from 'node:fs/promises'
import { createUnavailable } from './error.js'
import { appendLines, assertUntouched, type Log, syncFolderOf } from './log.js'
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
export type Failure = { readonly because: string; readonly cause?: unknown }

/**
 * Creates the journal of an open file.
 *
 * What is appended during one write goes into the next one, together, and so for what waits for the disk. Once a write has failed
 * all further ones fail: what the file holds isn't known any more.
 *
 * @param path - The ledger's file.
 * @param opened - The same, open at its end.
 */
export function createJournal(path: string, opened: Log): Journal {
  const inTurn = createTurns()
  let log = opened
  let failure: Failure | undefined
  let pending: string[] = []
  /** What was appended since a rewrite began, which the new file has to hold as well. */
  let since: string[] | undefined

  const write = coalesce(() => inTurn(() => orFail(writePending)))
  const sync = coalesce(() => orFail(() => log.handle.datasync()))

  function fail(cause: unknown): void {
    failure ??= { because: 'writing to it failed, and what it holds now is unknown', cause }
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
    if (texts.length > 0) await appendLines(log, texts)
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
        await log.handle.close()
      }
    },
  }
}

// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { constants } from 'node:fs'
import { copyFile, link, open, readFile, rename, rm } from 'node:fs/promises'
import { pid } from 'node:process'
import { LedgerError } from '../error.js'
import { createHolder, type Holder, judgeHolder, readHolder } from './holder.js'
import { hasCode, orMissing } from './missing.js'

/** The right to write a ledger's file, until it's released. */
export type Lock = { release(): Promise<void> }

/** What to do with a lock whose holder can't be seen from here. */
export type UnseenHolder = 'refuse' | 'take-over'

/**
 * Takes the lock of a ledger's file: a file next to it that names the process which holds it.
 *
 * One whose process is gone is taken over. Of many that try at the same time exactly one succeeds: a lock is replaced only by who holds the
 * lock *of that lock*, which is named after its token, and only while it's still the same.
 *
 * @param file - The ledger's file.
 * @param unseen - What to do when the holder lives in another container or on another machine.
 * @throws {@link LedgerError} `LEDGER_LOCKED` when another process holds it, or this one already does.
 */
export async function takeLock(file: string, unseen: UnseenHolder): Promise<Lock> {
  const path = `${file}.lock`
  const self = await createHolder()

  async function acquire(lock: string): Promise<void> {
    while (!(await place(lock, self))) {
      const found = await orMissing(readFile(lock, 'utf8'))
      if (found === undefined) continue // released just now
      const holder = readHolder(found)
      if (holder === undefined) throw createUnreadable(file, lock)
      await assertGone(lock, holder)
      if (await replace(lock, holder)) return
    }
  }

  async function assertGone(lock: string, holder: Holder): Promise<void> {
    const verdict = await judgeHolder(holder, self)
    if (verdict === 'gone' || (verdict === 'unseen' && unseen === 'take-over')) return
    throw createLocked(file, lock, holder, verdict)
  }

  async function replace(lock: string, { token }: Holder): Promise<boolean> {
    const guard = `${lock}.${token}.next`
    await acquire(guard)
    try {
      if (!(await isHeldBy(lock, token))) return false
      await rename(await writeOwn(lock, self), lock)
      await rm(toOwnPath(lock, token), { force: true })
      return true
    } finally {
      await rm(guard)
    }
  }

  await acquire(path)
  return {
    async release() {
      if (await isHeldBy(path, self.token)) await rm(path)
    },
  }
}

/** Makes the lock, with its text in it from the first moment on; `false` when there is one. */
async function place(lock: string, self: Holder): Promise<boolean> {
  const own = await writeOwn(lock, self)
  try {
    await link(own, lock).catch((error) => {
      if (hasCode(error, 'EEXIST')) throw error
      // Some file systems have no links. There a crash at the wrong moment leaves a lock that can't be read.
      return copyFile(own, lock, constants.COPYFILE_EXCL)
    })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(own)
  }
}

async function writeOwn(lock: string, self: Holder): Promise<string> {
  const own = toOwnPath(lock, self.token)
  const handle = await open(own, 'wx', 0o600)
  try {
    await handle.writeFile(JSON.stringify(self))
    await handle.sync() // or a power loss leaves an empty lock
  } finally {
    await handle.close()
  }
  return own
}

function toOwnPath(lock: string, token: string): string {
  return `${lock}.${token}`
}

async function isHeldBy(lock: string, token: string): Promise<boolean> {
  const found = await orMissing(readFile(lock, 'utf8'))
  return found !== undefined && readHolder(found)?.token === token
}

function createLocked(file: string, lock: string, holder: Holder, verdict: 'alive' | 'unseen'): LedgerError {
  const where = verdict === 'alive' && holder.pid === pid ? 'this process already' : `process ${holder.pid}`
  return new LedgerError(`The ledger is open in ${where}, and only one may write it.`, {
    code: 'LEDGER_LOCKED',
    money: 'untouched',
    facts: { file, lock, process: String(holder.pid), host: holder.host },
    hint:
      verdict === 'alive'
        ? 'Use the ledger that is open, close it first, or give each process a file and a budget of its own.'
        : "That process can't be seen from here. Where something else makes sure that it's gone, `unseenHolder: 'take-over'`.",
  })
}

function createUnreadable(file: string, lock: string): LedgerError {
  return new LedgerError('The ledger has a lock that names no process.', {
    code: 'LEDGER_LOCKED',
    money: 'untouched',
    facts: { file, lock },
    hint: 'If no process has the ledger open, delete the lock.',
  })
}

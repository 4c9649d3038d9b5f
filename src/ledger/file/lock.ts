// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { constants } from 'node:fs'
import { copyFile, link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import process from 'node:process'
import { parseJsonObject } from '../../wire/json.js'
import { LedgerError } from '../error.js'
import { type Holder, judgeHolder, readHolder } from './holder.js'
import { hasCode, orMissing } from './missing.js'
import { type Endpoint, readEndpoint, removeEndpoint } from './socket/endpoint.js'

/** The right to write a ledger's file, until it's released. */
export type Lock = {
  /** Says where the holder serves others; `undefined` for nowhere. */
  move(endpoint: Endpoint | undefined): Promise<void>
  release(): Promise<void>
}

/** What a lock says: who holds it, and where others are served. */
export type LockRecord = { readonly holder: Holder; readonly endpoint: Endpoint | undefined }

/** The lock; or who has it, where that process is there; or `busy` while another one is taking it. */
export type Taken = { readonly lock: Lock } | { readonly held: LockRecord } | 'busy'

/** What to do with a lock whose holder can't be seen from here. */
export type UnseenHolder = 'refuse' | 'take-over'

/**
 * Takes the lock of a ledger's file: a file next to it that names the process which holds it. Only its owner can read it.
 *
 * One whose process is gone is taken over. Of many that try at the same time exactly one succeeds: a lock is replaced only by who holds the
 * lock *of that lock*, which is named after its token, and only while it's still the same.
 *
 * @param file - The ledger's file.
 * @param self - Who takes it, and where others are served then.
 * @param unseen - What to do when the holder lives in another container or on another machine.
 * @throws {@link LedgerError} `LEDGER_LOCKED` when a process holds it that can't be seen from here.
 */
export async function takeLock(file: string, self: LockRecord, unseen: UnseenHolder): Promise<Taken> {
  const path = `${file}.lock`
  const { token } = self.holder

  async function acquire(lock: string): Promise<LockRecord | 'busy' | undefined> {
    let outcome: Awaited<ReturnType<typeof judge>>
    do outcome = await tryOnce(lock)
    while (outcome === 'changed') // another one was quicker
    return outcome === 'taken' ? undefined : outcome
  }

  async function tryOnce(lock: string): Promise<LockRecord | 'busy' | 'changed' | 'taken'> {
    const text = await readLock(lock, file)
    if (text !== undefined) return judge(lock, text)
    return (await make(lock, self)) ? 'taken' : 'changed'
  }

  /** Takes over a lock whose holder is gone. */
  async function judge(lock: string, text: string): Promise<LockRecord | 'busy' | 'changed' | 'taken'> {
    const found = readRecord(text)
    if (found === undefined) throw createUnreadable(file, lock)
    const verdict = await judgeHolder(found.holder, self.holder)
    if (verdict === 'alive') return found
    if (verdict === 'unseen' && unseen === 'refuse') throw createUnseen(file, lock, found.holder)
    return replace(lock, found)
  }

  async function replace(lock: string, stale: LockRecord): Promise<'taken' | 'changed' | 'busy'> {
    const guard = `${lock}.${stale.holder.token}.next`
    if ((await acquire(guard)) !== undefined) return 'busy'
    try {
      if (!(await isHeldBy(lock, stale.holder.token))) return 'changed'
      await rename(await writeTemporary(lock, self), lock)
      await rm(toTemporaryPath(lock, stale.holder.token), { force: true })
      await removeEndpoint(stale.endpoint)
      return 'taken'
    } finally {
      await rm(guard)
    }
  }

  const found = await acquire(path)
  if (found !== undefined) return found === 'busy' ? found : { held: found }
  return {
    lock: {
      async move(endpoint) {
        await rename(await writeTemporary(path, { ...self, endpoint }), path)
      },
      async release() {
        if (await isHeldBy(path, token)) await rm(path)
      },
    },
  }
}

/** Makes the error of a ledger that a process has open which doesn't let others in. */
export function createClosedToOthers(file: string, { pid, host }: Holder): LedgerError {
  return new LedgerError(`The ledger is open in process ${pid}, which lets no other one in.`, {
    code: 'LEDGER_LOCKED',
    money: 'untouched',
    facts: { file, lock: `${file}.lock`, process: String(pid), host },
    hint: 'It runs another version of pay402, may open no socket, or has nothing to do with the file: update it, close it, or else delete the lock.',
  })
}

/** Makes the lock, with its text in it from the first moment on; `false` when there is one. */
async function make(lock: string, self: LockRecord): Promise<boolean> {
  const temporary = await writeTemporary(lock, self)
  try {
    await link(temporary, lock).catch((error) => {
      if (hasCode(error, 'EEXIST')) throw error
      // Some file systems have no links. There a crash at the wrong moment leaves a lock that can't be read.
      return copyFile(temporary, lock, constants.COPYFILE_EXCL)
    })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(temporary)
  }
}

async function writeTemporary(lock: string, { holder, endpoint }: LockRecord): Promise<string> {
  const temporary = toTemporaryPath(lock, holder.token)
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(JSON.stringify({ ...holder, ...endpoint }))
    await handle.sync() // or a power loss leaves an empty lock
    await handle.close()
  } catch (error) {
    await handle.close()
    // It has one name: what a full disk left would be in the way of every later try.
    await rm(temporary, { force: true })
    throw error
  }
  return temporary
}

/**
 * Reads a lock; `undefined` when there is none.
 *
 * @throws {@link LedgerError} `LEDGER_LOCKED` when another user made it: in a folder where all may write, such as `/tmp`, anyone could serve a
 *   ledger of their own by it.
 */
async function readLock(lock: string, file: string): Promise<string | undefined> {
  const handle = await orMissing(open(lock, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)))
  if (handle === undefined) return undefined
  try {
    const { uid } = await handle.stat()
    const self = findUser()
    // An administrator may open what a user has.
    const isOurs = self === undefined || uid === self || (self === 0 && uid === (await orMissing(stat(file)))?.uid)
    if (!isOurs) throw createForeign(file, lock)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Who this process acts for; `undefined` on Windows, and where that may not be asked. */
function findUser(): number | undefined {
  try {
    return process.geteuid?.()
  } catch {
    return undefined
  }
}

function readRecord(text: string): LockRecord | undefined {
  const json = parseJsonObject(text)
  const holder = 'problem' in json ? undefined : readHolder(json.value)
  return 'problem' in json || holder === undefined ? undefined : { holder, endpoint: readEndpoint(json.value) }
}

function toTemporaryPath(lock: string, token: string): string {
  return `${lock}.${token}`
}

async function isHeldBy(lock: string, token: string): Promise<boolean> {
  const found = await orMissing(readFile(lock, 'utf8'))
  return found !== undefined && readRecord(found)?.holder.token === token
}

function createUnseen(file: string, lock: string, holder: Holder): LedgerError {
  return new LedgerError(`The ledger is open in process ${holder.pid}, which can't be seen from here.`, {
    code: 'LEDGER_LOCKED',
    money: 'untouched',
    facts: { file, lock, process: String(holder.pid), host: holder.host },
    hint: "It's of another container or another machine. Where something else makes sure that it's gone, `unseenHolder: 'take-over'`.",
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

function createForeign(file: string, lock: string): LedgerError {
  return new LedgerError('The ledger has a lock that another user made.', {
    code: 'LEDGER_LOCKED',
    money: 'untouched',
    facts: { file, lock },
    hint: 'Keep the ledger in a folder that only its owner may write to.',
  })
}

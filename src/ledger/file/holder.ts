// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { readlinkSync } from 'node:fs'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { kill, pid } from 'node:process'
import { isMainThread } from 'node:worker_threads'
import { drawHex } from '../../payment/random.js'
import type { JsonObject } from '../../wire/json.js'
import { type Field, type Fields, optional, readFields } from '../../wire/read-fields.js'
import { hasCode } from './missing.js'

/** A process that holds a lock, as it is written into it. */
export type Holder = {
  readonly pid: number
  /** When the process began, in ticks since the machine did: another one with the same number began at another time. */
  readonly start: string | undefined
  /** A thread of it that isn't the main one, its number and when it began: it may end long before the process does. */
  readonly thread?: string | undefined
  /** Which run of the machine it is. */
  readonly boot: string | undefined
  /** Within what the number is unique: each container has its own. */
  readonly namespace: string | undefined
  readonly host: string
  /** This lock and no other, ever. */
  readonly token: string
}

/** What can be told of a holder from here: another container's or machine's processes can't be seen. */
export type Verdict = 'alive' | 'gone' | 'unseen'

const text: Field<string> = { is: (value): value is string => typeof value === 'string', must: 'a text' }

const FIELDS: Fields<Holder> = {
  pid: { is: (value): value is number => Number.isSafeInteger(value) && Number(value) > 0, must: 'a number above 0' },
  start: optional(text),
  thread: optional(text),
  boot: optional(text),
  namespace: optional(text),
  host: text,
  // It becomes part of a file's name.
  token: { is: (value): value is string => text.is(value) && /^[0-9a-f]{32}$/.test(value), must: 'a token' },
}

/** This process, with a new token. */
export async function createHolder(): Promise<Holder> {
  // A sandbox may number its processes by itself and still show those of the machine.
  const isShown = (await orUnknown(readlink('/proc/self'))) === String(pid)
  return {
    pid,
    start: isShown ? (await readProcess(pid))?.start : undefined,
    ...(isShown && !isMainThread && { thread: await findThread() }),
    boot: await orUnknown(readFile('/proc/sys/kernel/random/boot_id', 'utf8')),
    namespace: await orUnknown(readlink('/proc/self/ns/pid')),
    host: hostname(),
    token: drawHex(16),
  }
}

/** Reads a process as it was written; `undefined` when that is none. */
export function readHolder(written: JsonObject): Holder | undefined {
  const holder = readFields(written, FIELDS)
  return 'problem' in holder ? undefined : holder.value
}

/** Tells whether the process that wrote a lock is still there. */
export async function judgeHolder(holder: Holder, self: Holder): Promise<Verdict> {
  const isSameHost = holder.host === self.host
  if (holder.boot !== self.boot) {
    // Who doesn't know the run of the machine says nothing of when it was: Deno reads it only with all permissions.
    const isKnown = holder.boot !== undefined && self.boot !== undefined
    return isKnown && isSameHost ? 'gone' : 'unseen'
  }
  const isSamePlace = holder.namespace === self.namespace && (self.boot !== undefined || isSameHost)
  if (!isSamePlace) return 'unseen'
  return (await isRunning(holder, self)) ? 'alive' : 'gone'
}

async function isRunning({ pid: number, start, thread }: Holder, self: Holder): Promise<boolean> {
  try {
    kill(number, 0)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
    if (!hasCode(error, 'EPERM')) throw error // another user's process
  }
  // Who doesn't see when it began itself sees nothing of others, or others of the same numbers.
  const found = self.start === undefined ? undefined : await readProcess(number)
  if (found === undefined) return true
  if (found.isDead || (start !== undefined && found.start !== start)) return false
  return thread === undefined || hasThread(number, thread)
}

/** The thread that calls it; `undefined` where that can't be told. */
async function findThread(): Promise<string | undefined> {
  try {
    // By the thread itself: what is read in the background is read by another one.
    const [, , id] = readlinkSync('/proc/thread-self').split('/')
    return `${id} ${toStat(await readFile(`/proc/${pid}/task/${id}/stat`, 'utf8')).start}`
  } catch {
    return undefined
  }
}

/** Whether a thread is still there, of a process that is. */
async function hasThread(number: number, thread: string): Promise<boolean> {
  const [id, start] = thread.split(' ')
  try {
    return toStat(await readFile(`/proc/${number}/task/${id}/stat`, 'utf8')).start === start
  } catch (error) {
    return !hasCode(error, 'ENOENT', 'ESRCH') // what can't be read now may be there
  }
}

async function readProcess(number: number): Promise<Stat | undefined> {
  const stat = await orUnknown(readFile(`/proc/${number}/stat`, 'utf8'))
  return stat === undefined ? undefined : toStat(stat)
}

type Stat = { readonly start: string | undefined; readonly isDead: boolean }

/** What Linux tells of a process or a thread; man 5 proc_pid_stat: the state is field 3, the start time field 22. */
function toStat(stat: string): Stat {
  // The name in field 2 may hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Dead, but its parent hasn't looked yet, which in a container may be never.
  return { start: fields[19], isDead: fields[0] === 'Z' || fields[0] === 'X' }
}

/** Other systems than Linux have no `/proc`, and some hide parts of it. */
async function orUnknown(reading: Promise<string>): Promise<string | undefined> {
  try {
    return (await reading).trim()
  } catch {
    return undefined
  }
}

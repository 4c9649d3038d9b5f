// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { platform } from 'node:process'
import { crc32 } from 'node:zlib'
import { LedgerError } from '../error.js'
import { createUnavailable } from './error.js'

/**
 * A file of lines, open at its end.
 *
 * Each line begins with a checksum over itself and all lines before, so that none can be changed, removed, added or moved without
 * all that follow not fitting any more. It is a guard against accidents and edits by hand: anyone who can write the file can also
 * compute it, and lines that are cut off whole at the end leave no trace.
 */
export type Log = {
  readonly handle: FileHandle
  /** The file's number on its disk, which stays when it's renamed. */
  readonly inode: bigint
  /** Checksum of the last line. */
  sum: number
  lines: number
  bytes: number
  /** Where the last line begins. */
  lastAt: number
}

/** Bytes of a line before its text: eight hexadecimal digits and a blank. */
export const PREFIX_BYTES = 9

const NEWLINE = 10

/** Longest line that is read, in bytes: far more than a seller's largest 402. A file without lines isn't read into memory to its end. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** Longest text that one step writes. What a payment comes to in the end is in one line when the file is rewritten: more than one step's text. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024

/** Most bytes that JSON makes of a character. */
const MOST_ESCAPED = 6

/** Whether a text is too long for a step to write. */
export function isTooLong(text: string): boolean {
  return text.length * 3 > MAX_TEXT_BYTES && Buffer.byteLength(text) > MAX_TEXT_BYTES
}

/** Whether what is to be written may be too long: found out without writing it, since that is asked at each payment. */
export function mayBeTooLong(value: unknown): boolean {
  return countCharacters(value) * MOST_ESCAPED > MAX_TEXT_BYTES
}

function countCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  for (const [name, one] of Object.entries(value)) count += name.length + countCharacters(one)
  return count
}

/** Creates a file that only its owner may read; it must not exist. */
export async function createLog(path: string): Promise<Log> {
  return openLog(await open(path, 'ax+', 0o600))
}

/** A log of what a handle holds, as far as it was read: nothing yet. */
export async function openLog(handle: FileHandle): Promise<Log> {
  const { ino: inode } = await handle.stat({ bigint: true })
  return { handle, inode, sum: 0, lines: 0, bytes: 0, lastAt: 0 }
}

/** Writes lines at the end, in one write. They are in the system's hands then, not yet on the disk. */
export async function appendLines(log: Log, texts: readonly string[]): Promise<void> {
  let { sum } = log
  let written = ''
  for (const text of texts) {
    if (text.length * 3 > MAX_LINE_BYTES - PREFIX_BYTES) assertReadable(text)
    sum = crc32(text, sum)
    written += `${toPrefix(sum)}${text}\n`
  }
  const bytes = Buffer.from(written)
  await log.handle.appendFile(bytes)
  log.sum = sum
  log.lines += texts.length
  // All but the last byte, which ends the last line.
  log.lastAt = log.bytes + bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1
  log.bytes += bytes.length
}

/** What a line begins with. */
function toPrefix(sum: number): string {
  return `${sum.toString(16).padStart(8, '0')} `
}

/** Nothing is written then: a file with a longer line could never be opened again. */
function assertReadable(text: string): void {
  if (Buffer.byteLength(text) > MAX_LINE_BYTES - PREFIX_BYTES - 1) throw new RangeError('a line would be too long')
}

/**
 * Asserts that the file is still the one that was opened, with what was written to it and nothing else.
 *
 * @throws {@link LedgerError} `LEDGER_UNAVAILABLE` when another program changed, moved or deleted it: what is written to it from now on
 *   would be lost, or not be read again.
 */
export async function assertUntouched(path: string, log: Log): Promise<void> {
  const { ino, size } = await stat(path, { bigint: true })
  if (ino === log.inode && size === BigInt(log.bytes)) return
  if (!(await isContinued(path, log))) throw createUnavailable(path, CUT)
  throw createUnavailable(path, 'another program wrote, moved or replaced it')
}

/** Whether a file holds all that was written, whatever follows it: its last line is in its place, with the checksum over all before it. */
async function isContinued(path: string, { sum, bytes, lastAt }: Log): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes - lastAt), 0, bytes - lastAt, lastAt)
    return bytesRead === buffer.length && buffer.toString('latin1', 0, PREFIX_BYTES) === toPrefix(sum)
  } finally {
    await file.close()
  }
}

/**
 * Why a file can't be used that holds less than was written to it: an older copy, which may be longer than a file that was rewritten since, or one
 * that was cut. Who reads it anew couldn't tell.
 */
const CUT = 'it holds less than was written to it'

/** Whether a failure is that of a file that holds less than was written to it. */
export function isCut(cause: unknown): boolean {
  return cause instanceof LedgerError && cause.shortMessage.includes(CUT)
}

/** Makes a new or renamed file's name survive a power loss. */
export async function syncFolderOf(path: string): Promise<void> {
  if (platform === 'win32') return // which can't open folders, and keeps names in its journal
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

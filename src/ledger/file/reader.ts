// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { SIGNED_BELOW } from '../codec/line.js'
import { createCorrupt } from './error.js'
import { type Log, MAX_LINE_BYTES, PREFIX_BYTES } from './log.js'

const CHUNK_BYTES = 256 * 1024

const NEWLINE = 10
const BLANK = 32
const DIGITS = '0123456789abcdef'
const TAB = SIGNED_BELOW.charCodeAt(0)

/** Where a text is in a file. */
export type Span = { readonly position: number; readonly bytes: number }

/** Is told each line in order, and where its signed payment is, if it has one; returns what is wrong with it, if anything. */
export type Visitor = (text: string, signed: Span | undefined, line: number) => string | undefined

/** How a file ends. */
export type Ending = {
  /** Bytes that are no line: what was being written when the process or the machine stopped. */
  readonly tornBytes: number
  /** The last line is whole, but nothing ends it: an editor stripped it, or a write stopped one byte too early. */
  readonly isUnended: boolean
}

/**
 * Reads a file's lines and holds each to its checksum.
 *
 * @param path - For the error.
 * @param log - The file; is moved to the end of what could be read.
 * @param visit - Is told each line.
 * @throws {@link LedgerError} `LEDGER_CORRUPT` when a line isn't what was written.
 */
export async function readLines(path: string, log: Log, visit: Visitor): Promise<Ending> {
  let buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  let kept = 0
  for (let position = 0; ; ) {
    if (kept === buffer.length) buffer = grow(path, log, buffer)
    const { bytesRead } = await log.handle.read(buffer, kept, buffer.length - kept, position)
    if (bytesRead === 0) break
    position += bytesRead
    const end = kept + bytesRead
    const done = takeLines(buffer.subarray(0, end), path, log, visit)
    buffer.copy(buffer, 0, done, end)
    kept = end - done
  }
  const last = buffer.subarray(0, kept)
  const isUnended = readSum(last, log) !== undefined
  if (isUnended) takeLine(last, path, log, visit)
  return { tornBytes: isUnended ? 0 : kept, isUnended }
}

/** Takes all lines that are there to their end, and returns where the rest begins. */
function takeLines(bytes: Buffer, path: string, log: Log, visit: Visitor): number {
  let start = 0
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
    takeLine(bytes.subarray(start, end), path, log, visit)
    start = end + 1
  }
  return start
}

function takeLine(bytes: Buffer, path: string, log: Log, visit: Visitor): void {
  const line = log.lines + 1
  const sum = readSum(bytes, log)
  if (sum === undefined) throw createCorrupt(path, line, 'a line is not the one that was written there')
  const tab = bytes.indexOf(TAB)
  const text = bytes.toString('utf8', PREFIX_BYTES, tab === -1 ? bytes.length : tab)
  const signed = tab === -1 ? undefined : { position: log.bytes + tab + 1, bytes: bytes.length - tab - 1 }
  const problem = visit(text, signed, line)
  if (problem !== undefined) throw createCorrupt(path, line, problem)
  log.sum = sum
  log.lines = line
  log.lastAt = log.bytes
  log.bytes += bytes.length + 1
}

/** Reads a part of a file whose checksum was found to be right. */
export async function readSpan({ handle }: Log, { position, bytes }: Span): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
  return buffer.toString('utf8', 0, bytesRead)
}

/** The checksum of a line that is the one that was written after the lines before. */
function readSum(bytes: Buffer, { sum: before }: Log): number | undefined {
  const sum = crc32(bytes.subarray(PREFIX_BYTES), before)
  return isWritten(sum, bytes) ? sum : undefined
}

/** Digit by digit, since a text would be made for each line that was ever written. */
function isWritten(sum: number, bytes: Buffer): boolean {
  for (let index = 7, rest = sum; index >= 0; index--, rest >>>= 4) {
    if (bytes[index] !== DIGITS.charCodeAt(rest & 15)) return false
  }
  return bytes[8] === BLANK
}

function grow(path: string, log: Log, buffer: Buffer): Buffer {
  if (buffer.length >= MAX_LINE_BYTES) throw createCorrupt(path, log.lines + 1, 'a line has no end')
  return Buffer.concat([buffer], buffer.length * 2)
}

// biome-ignore-all lint/correctness/noNodejsModules: the file ledger is for Node alone
import { Buffer } from 'node:buffer'

/** Bytes that are written one after the other, and grow. */
export type Bytes = { buffer: Buffer; used: number }

/** A place in bytes, which goes on as they are read. */
export type Cursor = { readonly buffer: Buffer; at: number }

const SEVEN_BITS = 0x7f
const MORE = 0x80

/** A text's length and kind. */
const MAX_HEAD_BYTES = 6

const LATIN = 0
const WIDE = 1
const HEX = 2
const HEX_NUMBER = 3

const ENCODINGS = ['latin1', 'utf16le', 'hex', 'hex'] as const

const HEX_DIGITS = /^(?:0x)?(?:[0-9a-f]{2})+$/
const LATIN_ONLY = /^[^\u0100-\uffff]*$/

/** Most bytes that some texts may take. */
export function mostBytesOf(texts: readonly (string | undefined)[]): number {
  let most = 0
  for (const text of texts) if (text !== undefined) most += text.length * 2 + MAX_HEAD_BYTES
  return most
}

/** Makes room for so many bytes more. */
export function makeRoom(bytes: Bytes, more: number): void {
  const least = bytes.used + more
  if (least > bytes.buffer.length) resize(bytes, Math.max(least, Math.ceil(bytes.buffer.length * 1.125)))
}

/** Gives back the room that isn't needed. */
export function trim(bytes: Bytes): void {
  resize(bytes, bytes.used)
}

function resize(bytes: Bytes, length: number): void {
  const resized = Buffer.allocUnsafeSlow(length)
  bytes.buffer.copy(resized, 0, 0, bytes.used)
  bytes.buffer = resized
}

/** Writes a whole number from 0, in as many bytes as it needs. There must be room. */
export function writeNatural(bytes: Bytes, value: number): void {
  let rest = value
  for (; rest > SEVEN_BITS; rest = Math.floor(rest / MORE)) bytes.buffer[bytes.used++] = (rest & SEVEN_BITS) | MORE
  bytes.buffer[bytes.used++] = rest
}

export function readNatural(cursor: Cursor): number {
  let value = 0
  for (let factor = 1; ; factor *= MORE) {
    const byte = cursor.buffer[cursor.at++] ?? 0
    value += (byte & SEVEN_BITS) * factor
    if (byte < MORE) return value
  }
}

/** Writes any text; digests, nonces and transactions, which are hex, in half of their length. There must be room. */
export function writeText(bytes: Bytes, text: string): void {
  if (HEX_DIGITS.test(text)) {
    const own = text.startsWith('0x') ? text.slice(2) : text
    write(bytes, own, own === text ? HEX : HEX_NUMBER, own.length / 2)
  } else if (LATIN_ONLY.test(text)) write(bytes, text, LATIN, text.length)
  else write(bytes, text, WIDE, text.length * 2)
}

function write(bytes: Bytes, text: string, kind: number, length: number): void {
  writeNatural(bytes, length * 4 + kind)
  bytes.buffer.write(text, bytes.used, length, ENCODINGS[kind])
  bytes.used += length
}

export function readText(cursor: Cursor): string {
  const head = readNatural(cursor)
  const start = cursor.at
  cursor.at += Math.floor(head / 4)
  const text = cursor.buffer.toString(ENCODINGS[head % 4], start, cursor.at)
  return head % 4 === HEX_NUMBER ? `0x${text}` : text
}

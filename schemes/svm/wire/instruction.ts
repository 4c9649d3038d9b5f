import type { Address } from '../address.js'
import { MEMO_PROGRAM } from '../programs.js'

/** An account as one instruction uses it. */
export type AccountUse = {
  readonly address: Address
  readonly isSigner?: boolean | undefined
  readonly isWritable?: boolean | undefined
}

/** One call of a program. */
export type Instruction = {
  readonly program: Address
  readonly accounts: readonly AccountUse[]
  readonly data: Uint8Array
}

/** Writes a number with its least byte first, as every program here reads them. */
export function toLittleEndian(value: bigint | number, bytes: number): Uint8Array {
  const written = new Uint8Array(bytes)
  let rest = BigInt(value)
  for (let index = 0; index < bytes; index++, rest >>= 8n) written[index] = Number(rest & 255n)
  return written
}

/** Reads what {@link toLittleEndian} writes; bytes that aren't there count as zero. */
export function readLittleEndian(bytes: Uint8Array, offset: number, length: number): bigint {
  let value = 0n
  for (let index = offset + length - 1; index >= offset; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0)
  return value
}

/** Source: `@x402/svm` 2.27.0, `MAX_MEMO_BYTES`. */
export const MAX_MEMO_BYTES = 256

/** Writes a text into the transaction's log. */
export function memo(text: Uint8Array): Instruction {
  return { program: MEMO_PROGRAM, accounts: [], data: text }
}

/** The text that an instruction writes; `undefined` when it does something else, such as ask for a signer. */
export function readMemo({ program, accounts, data }: Instruction): Uint8Array | undefined {
  return program === MEMO_PROGRAM && accounts.length === 0 ? data : undefined
}

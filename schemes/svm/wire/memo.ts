import { MEMO_PROGRAM } from '../programs.js'
import type { Instruction } from './instruction.js'

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

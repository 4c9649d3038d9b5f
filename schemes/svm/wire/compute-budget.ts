import { COMPUTE_BUDGET_PROGRAM } from '../programs.js'
import { type Instruction, readLittleEndian, toLittleEndian } from './instruction.js'

/** Source: Compute Budget program, `SetComputeUnitLimit`. */
const SET_LIMIT = 2

/** Bounds what a transaction may compute. */
export function setComputeUnitLimit(units: number): Instruction {
  const data = Uint8Array.of(SET_LIMIT, ...toLittleEndian(units, 4))
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data }
}

/** The limit that an instruction sets; `undefined` when it does something else. */
export function readComputeUnitLimit({ program, accounts, data }: Instruction): number | undefined {
  if (program !== COMPUTE_BUDGET_PROGRAM || accounts.length > 0) return undefined
  return data.length === 5 && data[0] === SET_LIMIT ? Number(readLittleEndian(data, 1, 4)) : undefined
}

/** Source: Compute Budget program, `SetComputeUnitPrice`. */
const SET_PRICE = 3

/** Sets what the fee payer pays for a unit, in millionths of a lamport. */
export function setComputeUnitPrice(microLamports: number): Instruction {
  const data = Uint8Array.of(SET_PRICE, ...toLittleEndian(microLamports, 8))
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data }
}

/** The price that an instruction sets; `undefined` when it does something else. */
export function readComputeUnitPrice({ program, accounts, data }: Instruction): bigint | undefined {
  if (program !== COMPUTE_BUDGET_PROGRAM || accounts.length > 0) return undefined
  return data.length === 9 && data[0] === SET_PRICE ? readLittleEndian(data, 1, 8) : undefined
}

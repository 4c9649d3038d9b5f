import { COMPUTE_BUDGET_PROGRAM } from '../programs.js'
import { type Instruction, readLittleEndian, toLittleEndian } from './instruction.js'

/** Source: Compute Budget program, `SetComputeUnitLimit`. */
const DISCRIMINATOR = 2

/** Bounds what a transaction may compute. */
export function setComputeUnitLimit(units: number): Instruction {
  const data = Uint8Array.of(DISCRIMINATOR, ...toLittleEndian(units, 4))
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data }
}

/** The limit that an instruction sets; `undefined` when it does something else. */
export function readComputeUnitLimit({ program, accounts, data }: Instruction): number | undefined {
  if (program !== COMPUTE_BUDGET_PROGRAM || accounts.length > 0) return undefined
  return data.length === 5 && data[0] === DISCRIMINATOR ? Number(readLittleEndian(data, 1, 4)) : undefined
}

import { COMPUTE_BUDGET_PROGRAM } from '../programs.js'
import { type Instruction, readLittleEndian, toLittleEndian } from './instruction.js'

/** Source: Compute Budget program, `SetComputeUnitPrice`. */
const DISCRIMINATOR = 3

/** Sets what the fee payer pays for a unit, in millionths of a lamport. */
export function setComputeUnitPrice(microLamports: number): Instruction {
  const data = Uint8Array.of(DISCRIMINATOR, ...toLittleEndian(microLamports, 8))
  return { program: COMPUTE_BUDGET_PROGRAM, accounts: [], data }
}

/** The price that an instruction sets; `undefined` when it does something else. */
export function readComputeUnitPrice({ program, accounts, data }: Instruction): bigint | undefined {
  if (program !== COMPUTE_BUDGET_PROGRAM || accounts.length > 0) return undefined
  return data.length === 9 && data[0] === DISCRIMINATOR ? readLittleEndian(data, 1, 8) : undefined
}

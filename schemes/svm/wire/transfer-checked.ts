import type { Address } from '../address.js'
import { isTokenProgram, type TokenProgram } from '../programs.js'
import { type Instruction, readLittleEndian, toLittleEndian } from './instruction.js'

/** What a transfer moves, and between whom. */
export type TransferChecked = {
  readonly program: TokenProgram
  /** The token account that is debited. */
  readonly source: Address
  readonly mint: Address
  /** The token account that is credited. */
  readonly destination: Address
  /** Who owns the source, and signs. */
  readonly owner: Address
  readonly amount: bigint
  /** The program refuses a transfer whose decimals aren't the mint's. */
  readonly decimals: number
}

/** Source: Token program, `TransferChecked`; the same in Token-2022. */
const DISCRIMINATOR = 12

/** Moves tokens. */
export function transferChecked(transfer: TransferChecked): Instruction {
  const { program, source, mint, destination, owner, amount, decimals } = transfer
  return {
    program,
    accounts: [
      { address: source, isWritable: true },
      { address: mint },
      { address: destination, isWritable: true },
      { address: owner, isSigner: true },
    ],
    data: Uint8Array.of(DISCRIMINATOR, ...toLittleEndian(amount, 8), decimals),
  }
}

/**
 * What an instruction transfers; `undefined` when it isn't exactly one transfer that its owner signs. Further accounts would be
 * signers of a multisig, or arguments of a hook.
 */
export function readTransferChecked({ program, accounts, data }: Instruction): TransferChecked | undefined {
  const [source, mint, destination, owner, ...others] = accounts
  if (!isTokenProgram(program) || data.length !== 10 || data[0] !== DISCRIMINATOR || others.length > 0) return undefined
  if (source === undefined || mint === undefined || destination === undefined || owner === undefined) return undefined
  if (!source.isWritable || !destination.isWritable || !owner.isSigner) return undefined
  return {
    program,
    source: source.address,
    mint: mint.address,
    destination: destination.address,
    owner: owner.address,
    amount: readLittleEndian(data, 1, 8),
    decimals: data[9] ?? 0,
  }
}

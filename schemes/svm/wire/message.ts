import { type Address, addressBytes } from '../address.js'
import { toCompactLength } from './bytes.js'
import type { Instruction } from './instruction.js'

/** What a transaction does, before it is bytes. */
export type Message = {
  readonly feePayer: Address
  /** Of a recent block, in base58: the transaction dies with it. */
  readonly blockhash: string
  readonly instructions: readonly Instruction[]
}

type Role = { address: Address; isSigner: boolean; isWritable: boolean }

/**
 * Writes a message of version 0 without lookup tables, byte for byte as @solana/kit does: facilitators can't tell the two apart.
 *
 * Source: Solana documentation, "Transactions", "Versioned transactions".
 */
export function compileMessage({ feePayer, blockhash, instructions }: Message): Uint8Array<ArrayBuffer> {
  const roles = collectRoles(feePayer, instructions)
  const count = (is: (role: Role) => boolean) => roles.filter(is).length
  const indexOf = new Map(roles.map(({ address }, index) => [address, index]))
  const place = (address: Address) => indexOf.get(address) ?? 0
  return Uint8Array.from([
    0x80, // version 0
    count(({ isSigner }) => isSigner),
    count(({ isSigner, isWritable }) => isSigner && !isWritable),
    count(({ isSigner, isWritable }) => !isSigner && !isWritable),
    ...toCompactLength(roles.length),
    ...roles.flatMap(({ address }) => [...addressBytes(address)]),
    ...addressBytes(blockhash),
    ...toCompactLength(instructions.length),
    ...instructions.flatMap(({ program, accounts, data }) => [
      place(program),
      ...toCompactLength(accounts.length),
      ...accounts.map(({ address }) => place(address)),
      ...toCompactLength(data.length),
      ...data,
    ]),
    0, // no lookup tables
  ])
}

/** Every account once, with the most that any instruction asks of it; the fee payer first, then signers, then what is written. */
function collectRoles(feePayer: Address, instructions: readonly Instruction[]): Role[] {
  const roles = new Map<Address, Role>([[feePayer, { address: feePayer, isSigner: true, isWritable: true }]])
  for (const { program, accounts } of instructions) {
    for (const { address, isSigner = false, isWritable = false } of [{ address: program }, ...accounts]) {
      const known = roles.get(address)
      roles.set(address, {
        address,
        isSigner: isSigner || known?.isSigner === true,
        isWritable: isWritable || known?.isWritable === true,
      })
    }
  }
  const [first, ...others] = roles.values()
  return first === undefined ? [] : [first, ...others.sort(compareRoles)]
}

function compareRoles(a: Role, b: Role): number {
  if (a.isSigner !== b.isSigner) return a.isSigner ? -1 : 1
  if (a.isWritable !== b.isWritable) return a.isWritable ? -1 : 1
  return compareAddresses(a.address, b.address)
}

/** By letter, the small one first where only their case differs: the order of `Intl.Collator('en', { caseFirst: 'lower' })`. */
function compareAddresses(a: Address, b: Address): number {
  const [lowerA, lowerB] = [a.toLowerCase(), b.toLowerCase()]
  if (lowerA !== lowerB) return lowerA < lowerB ? -1 : 1
  // Small letters have the higher codes.
  return a > b ? -1 : 1
}

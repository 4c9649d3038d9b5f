import { ADDRESS_BYTES, type Address, toAddress } from '../address.js'
import { type ByteReader, createByteReader } from './bytes.js'
import type { AccountUse, Instruction } from './instruction.js'
import type { Message } from './message.js'

/** A message that was read, and what it asks of each account. */
export type ReadMessage = Message & {
  readonly signers: readonly Address[]
  /** What may be changed, the fee payer included. */
  readonly writable: readonly Address[]
}

/**
 * Reads a message of version 0 without lookup tables; with one, the bytes alone don't say which accounts are meant.
 *
 * @param bytes - Untrusted.
 * @returns `undefined` when it is anything else, to the last byte.
 */
export function readMessage(bytes: Uint8Array): ReadMessage | undefined {
  const reader = createByteReader(bytes)
  if (reader.byte() !== 0x80) return undefined
  const [signed = 0, readonlySigned = 0, readonlyUnsigned = 0] = [reader.byte(), reader.byte(), reader.byte()]
  const addresses = readList(reader, () => readAddressBytes(reader))
  const blockhash = readAddressBytes(reader)
  if (addresses === undefined || blockhash === undefined || new Set(addresses).size < addresses.length) return undefined
  // The fee payer signs and is written.
  if (readonlySigned >= signed || signed + readonlyUnsigned > addresses.length) return undefined
  const accounts = addresses.map((address, index) => ({
    address,
    isSigner: index < signed,
    isWritable: index < signed ? index < signed - readonlySigned : index < addresses.length - readonlyUnsigned,
  }))
  const instructions = readList(reader, () => readInstruction(reader, accounts))
  const [feePayer] = addresses
  if (feePayer === undefined || instructions === undefined || reader.byte() !== 0 || reader.rest > 0) return undefined
  return {
    feePayer,
    blockhash,
    instructions,
    signers: addresses.slice(0, signed),
    writable: accounts.filter(({ isWritable }) => isWritable).map(({ address }) => address),
  }
}

function readInstruction(reader: ByteReader, accounts: readonly AccountUse[]): Instruction | undefined {
  const program = accounts[reader.byte() ?? accounts.length]
  const used = readList(reader, () => accounts[reader.byte() ?? accounts.length])
  const data = reader.bytes(reader.compactLength() ?? Number.POSITIVE_INFINITY)
  if (program === undefined || used === undefined || data === undefined) return undefined
  return { program: program.address, accounts: used, data }
}

function readAddressBytes(reader: ByteReader): Address | undefined {
  const bytes = reader.bytes(ADDRESS_BYTES)
  return bytes && toAddress(bytes)
}

/** A length and so many items; `undefined` when any of them is missing. */
function readList<Item>(reader: ByteReader, read: () => Item | undefined): Item[] | undefined {
  const length = reader.compactLength()
  // Every item takes a byte or more, so a length beyond what is left is a lie that would cost time.
  if (length === undefined || length > reader.rest) return undefined
  const items: Item[] = []
  for (let index = 0; index < length; index++) {
    const item = read()
    if (item === undefined) return undefined
    items.push(item)
  }
  return items
}

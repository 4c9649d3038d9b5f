import { getBase64Encoder, getCompiledTransactionMessageDecoder, getTransactionDecoder } from '@solana/kit'

/**
 * What a Solana payload moves for everybody who holds it: all transfers that its owner signs for, by a library that isn't ours.
 *
 * @param owner - Whose tokens.
 */
export function readTransfers(payload: unknown, owner: string): bigint {
  if (payload === undefined) return 0n
  const text: string = Reflect.get(new Object(payload), 'transaction')
  const { messageBytes } = getTransactionDecoder().decode(getBase64Encoder().encode(text))
  const message = getCompiledTransactionMessageDecoder().decode(messageBytes)
  if (!('instructions' in message)) throw new Error('the message has no instructions')
  const { instructions, staticAccounts } = message
  return instructions.reduce((sum, { programAddressIndex, accountIndices = [], data }) => {
    const isToken = staticAccounts[programAddressIndex]?.startsWith('Token') === true
    if (!isToken || data === undefined) return sum
    const isOwn = accountIndices.some((index) => staticAccounts[index] === owner)
    // Source: SPL Token program: `TransferChecked` is 12, and the amount a u64.
    if (data[0] !== 12) throw new Error('the program of tokens is asked for something else than a transfer')
    return isOwn ? sum + Buffer.from(data).readBigUInt64LE(1) : sum
  }, 0n)
}

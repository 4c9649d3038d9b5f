import type { EvmLog } from './evm-chain.js'
import type { Hex } from './hex.js'

/** One movement of a token. Addresses are in lower case. */
export type TokenTransfer = {
  readonly from: string
  readonly to: string
  /** Atomic units. */
  readonly amount: bigint
}

/** `Transfer(address indexed from,address indexed to,uint256 value)`, hashed. Source: EIP-20. */
const TRANSFER = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'

/** Characters of a word of 32 bytes in hex. */
const WORD = 66

/** The movements of one token among the events of a transaction. Events of other contracts, and of other shapes, are none. */
export function findTokenTransfers(logs: readonly EvmLog[], asset: Hex): TokenTransfer[] {
  return logs.flatMap(({ address, topics, data }) => {
    const [event, from, to, ...others] = topics
    const isTransfer = address.toLowerCase() === asset.toLowerCase() && event?.toLowerCase() === TRANSFER
    // A token of things that are one of a kind has the same event, with the thing itself as a fourth topic.
    if (!isTransfer || from?.length !== WORD || to?.length !== WORD || others.length > 0 || data.length !== WORD)
      return []
    return [{ from: toAddress(from), to: toAddress(to), amount: BigInt(data) }]
  })
}

/** An address stands at the end of its word. */
function toAddress(word: Hex): string {
  return `0x${word.slice(26).toLowerCase()}`
}

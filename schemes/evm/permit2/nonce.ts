import type { Described } from '../../../src/payment/scheme.js'
import { readAddress } from '../address.js'
import type { EvmChain, EvmLog } from '../chain/chain.js'
import type { BlockTag } from '../chain/rpc-sources.js'
import { type Hex, isUint256, toWord } from '../hex.js'
import { PERMIT2 } from './contracts.js'

/** What Permit2 remembers an authorization by: one bit of one word of the owner's bitmap. */
export type Permit2Nonce = { readonly owner: Hex; readonly nonce: bigint; readonly word: bigint; readonly mask: bigint }

// First four bytes of the Keccak-256 of the signature. Source: Permit2, `ISignatureTransfer`. The tests hash them anew.
/** `nonceBitmap(address,uint256)` */
const NONCE_BITMAP = '0x4fe02b44'
/** `invalidateUnorderedNonces(uint256,uint256)` */
const INVALIDATE = '0x3ff9dcb1'

/** `UnorderedNonceInvalidation(address indexed owner,uint256 word,uint256 mask)`, hashed. Source: Permit2, `ISignatureTransfer`. */
const INVALIDATED = '0x3704902f963766a4e561bbaab6e6cdc1b1dd12f6e9e99648da8843b3f46b918d'

/** Reads what Permit2 remembers an authorization by; `undefined` when a record holds something else, such as a nonce of EIP-3009. */
export function readPermit2Nonce({ payer, nonce }: Pick<Described, 'payer' | 'nonce'>): Permit2Nonce | undefined {
  const owner = readAddress(payer)
  if ('problem' in owner || !isUint256(nonce)) return undefined
  return toPermit2Nonce(owner.value, BigInt(nonce))
}

/** Finds the bit of the owner's bitmap that stands for a nonce. */
export function toPermit2Nonce(owner: Hex, nonce: bigint): Permit2Nonce {
  return { owner, nonce, word: nonce >> 8n, mask: 1n << (nonce & 255n) }
}

/** Whether an authorization is used up at a block, by a payment or by a cancellation. */
export async function readIsNonceUsed(chain: EvmChain, nonce: Permit2Nonce, block: BlockTag): Promise<boolean> {
  return isInBitmap(nonce, await chain.readWord(PERMIT2, encodeNonceQuestion(nonce), block))
}

/** The call by which Permit2 is asked for the word of the bitmap that an authorization is in. */
export function encodeNonceQuestion({ owner, word }: Pick<Permit2Nonce, 'owner' | 'word'>): Hex {
  return `${NONCE_BITMAP}${toWord(owner)}${toWord(word)}`
}

/** Whether an authorization is used up, by the word of the bitmap that it is in. */
export function isInBitmap({ mask }: Pick<Permit2Nonce, 'mask'>, bitmap: bigint): boolean {
  return (bitmap & mask) !== 0n
}

/** The topics by which cancellations of the owner's authorizations are found. */
export function toInvalidationTopics({ owner }: Permit2Nonce): [Hex, Hex] {
  return [INVALIDATED, `0x${toWord(owner)}`]
}

/** The event that canceled an authorization, among those that a source gave. */
export function findInvalidation(logs: readonly EvmLog[], nonce: Permit2Nonce): EvmLog | undefined {
  const [event, owner] = toInvalidationTopics(nonce)
  return logs.find(({ address, topics, data }) => {
    if (address.toLowerCase() !== PERMIT2.toLowerCase() || data.length !== 2 + 2 * 64) return false
    if (topics[0]?.toLowerCase() !== event || topics[1]?.toLowerCase() !== owner) return false
    const [word, mask] = [BigInt(data.slice(0, 66)), BigInt(`0x${data.slice(66)}`)]
    return word === nonce.word && (mask & nonce.mask) !== 0n
  })
}

/** The call by which the owner cancels an authorization. Only the owner can make it. */
export function encodeInvalidate({ word, mask }: Permit2Nonce): Hex {
  return `${INVALIDATE}${toWord(word)}${toWord(mask)}`
}

import type { Described } from '../../../src/payment/scheme.js'
import type { End } from '../chain/authorization.js'
import { type EvmChain, type EvmLog, malformedAnswer } from '../chain/chain.js'
import type { BlockTag } from '../chain/rpc-sources.js'
import { type Hex, toWord } from '../hex.js'

/** What a token remembers an authorization by. */
export type Eip3009Key = {
  /** The token. */
  readonly asset: Hex
  /** Who signed it, EIP-3009's `authorizer`. */
  readonly payer: Hex
  readonly nonce: Hex
}

// First four bytes of the Keccak-256 of the signature. Sources: EIP-3009 "authorizationState" and
// "cancelAuthorization"; the form with `bytes` is of Circle's FiatTokenV2_2. The tests hash them anew.
/** `authorizationState(address,bytes32)` */
const AUTHORIZATION_STATE = '0xe94a0102'
/** `cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)` */
const CANCEL_BY_VRS = '0x5a049a70'
/** `cancelAuthorization(address,bytes32,bytes)` */
const CANCEL_BY_BYTES = '0xb7b72899'

// Keccak-256 of the event. Source: EIP-3009, "Events".
/** `AuthorizationUsed(address indexed authorizer,bytes32 indexed nonce)` */
const USED = '0x98de503528ee59b575ef0c0a2576a82497bfc029a5685b209e9ec333479b10a5'
/** `AuthorizationCanceled(address indexed authorizer,bytes32 indexed nonce)` */
const CANCELED = '0x1cdd46ff242716cdaa72d159d339a485b3438398348d68f09d7c8c0a59353d81'

/** Bytes of the signature of a plain account: r, s, v. */
const PLAIN_SIGNATURE_BYTES = 65

/**
 * Whether an authorization is used up at a block, by a payment or by a cancellation.
 *
 * @throws Also when the answer isn't a boolean: then what answered is no such token.
 */
export async function readIsUsed(chain: EvmChain, key: Eip3009Key, block: BlockTag): Promise<boolean> {
  const state = await chain.readWord(key.asset, `${AUTHORIZATION_STATE}${toWord(key.payer)}${toWord(key.nonce)}`, block)
  if (state > 1n) throw malformedAnswer()
  return state === 1n
}

/** The topics by which both events of an authorization are found. */
export function toTopics({ payer, nonce }: Eip3009Key): [Hex[], Hex, Hex] {
  return [[USED, CANCELED], `0x${toWord(payer)}`, nonce]
}

/** How an authorization ended, by the events that a source gave. A payment among them outweighs a cancellation. */
export function findEnd(logs: readonly EvmLog[], key: Eip3009Key): End | undefined {
  const [, ...indexed] = toTopics(key)
  const own = logs.filter(
    ({ address, topics }) =>
      isSame(address, key.asset) && topics.length === 3 && indexed.every((topic, i) => isSame(topics[i + 1], topic)),
  )
  const paid = own.find(({ topics }) => isSame(topics[0], USED))
  const log = paid ?? own.find(({ topics }) => isSame(topics[0], CANCELED))
  if (log === undefined) return undefined
  return { by: log === paid ? 'payment' : 'cancellation', blockNumber: log.blockNumber, transaction: log.transaction }
}

/** The call that cancels: by (v, r, s) for a plain account, which every token with EIP-3009 takes, else by bytes. */
export function encodeCancel({ payer, nonce }: Eip3009Key, signature: Hex): Hex {
  const digits = signature.slice(2)
  const words = `${toWord(payer)}${toWord(nonce)}`
  const length = digits.length / 2
  if (length === PLAIN_SIGNATURE_BYTES) {
    return `${CANCEL_BY_VRS}${words}${digits.slice(128).padStart(64, '0')}${digits.slice(0, 128)}`
  }
  // Source: Solidity's contract ABI: where the bytes start (after three words), how many there are, and they, filled up to whole words.
  const filled = digits.padEnd(Math.ceil(digits.length / 64) * 64, '0')
  return `${CANCEL_BY_BYTES}${words}${toWord('0x60')}${toWord(`0x${length.toString(16)}`)}${filled}`
}

function isSame(a: Hex | undefined, b: Hex): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}

/** Reads what the token remembers an authorization by; `undefined` when a record holds something else. */
export function readEip3009Key({ asset, payer, nonce }: Described): Eip3009Key | undefined {
  return isHex(asset, 20) && isHex(payer, 20) && isHex(nonce, 32) ? { asset, payer, nonce } : undefined
}

function isHex(value: string, bytes: number): value is Hex {
  return value.length === 2 + 2 * bytes && /^0x[0-9a-fA-F]+$/.test(value)
}

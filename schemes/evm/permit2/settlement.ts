import type { EvmCall } from '../chain/chain.js'
import type { Hex } from '../hex.js'
import { EXACT_PROXY, UPTO_PROXY } from './contracts.js'

/** What a call of a proxy settles. */
export type Settlement = { readonly owner: Hex; readonly nonce: bigint; readonly amount: bigint }

/** In which word of a call each of these stands. */
type Layout = { readonly proxy: Hex; readonly amount: number; readonly nonce: number; readonly owner: number }

/**
 * The proxies' calls by their first four bytes. All arguments but the signature are static, so they stand at fixed places. Source: the
 * ABIs of `@x402/evm` 2.27, from which the tests write them anew.
 */
const LAYOUTS: ReadonlyMap<string, Layout> = new Map([
  // settle(((address,uint256),uint256,uint256),address,(address,uint256),bytes)
  ['0x13cd3b53', { proxy: EXACT_PROXY, amount: 1, nonce: 2, owner: 4 }],
  // settleWithPermit((uint256,uint256,bytes32,bytes32,uint8),((address,uint256),uint256,uint256),address,(address,uint256),bytes)
  ['0xfa340378', { proxy: EXACT_PROXY, amount: 6, nonce: 7, owner: 9 }],
  // settle(((address,uint256),uint256,uint256),uint256,address,(address,address,uint256),bytes)
  ['0xff11e7b4', { proxy: UPTO_PROXY, nonce: 2, amount: 4, owner: 5 }],
  // settleWithPermit((…),((address,uint256),uint256,uint256),uint256,address,(address,address,uint256),bytes)
  ['0x016c1748', { proxy: UPTO_PROXY, nonce: 7, amount: 9, owner: 10 }],
])

/**
 * Reads which payment a transaction settles, and how much it takes.
 *
 * Only a call of a proxy itself is read: Permit2 takes each nonce once, so one that succeeded has used the very nonce that it names. What
 * another contract calls could name any.
 *
 * @returns `undefined` for every other transaction.
 */
export function readSettlement({ to, input }: EvmCall): Settlement | undefined {
  const layout = LAYOUTS.get(input.slice(0, 10).toLowerCase())
  if (layout === undefined || to?.toLowerCase() !== layout.proxy.toLowerCase()) return undefined
  const word = (index: number) => input.slice(10 + 64 * index, 74 + 64 * index)
  if (word(layout.owner).length < 64) return undefined
  const toNumber = (index: number) => BigInt(`0x${word(index)}`)
  return {
    owner: `0x${word(layout.owner).slice(24).toLowerCase()}`,
    nonce: toNumber(layout.nonce),
    amount: toNumber(layout.amount),
  }
}

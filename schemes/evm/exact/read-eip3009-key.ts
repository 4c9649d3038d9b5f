import type { Described } from '../../../src/scheme.js'
import type { Hex } from '../hex.js'
import type { Eip3009Key } from './eip3009-token.js'

/** Reads what the token remembers an authorization by; `undefined` when a record holds something else. */
export function readEip3009Key({ asset, payer, nonce }: Described): Eip3009Key | undefined {
  return isHex(asset, 20) && isHex(payer, 20) && isHex(nonce, 32) ? { asset, payer, nonce } : undefined
}

function isHex(value: string, bytes: number): value is Hex {
  return value.length === 2 + 2 * bytes && /^0x[0-9a-fA-F]+$/.test(value)
}

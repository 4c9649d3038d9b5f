import type { Described } from '../../../src/scheme.js'
import type { Hex } from '../hex.js'
import { readAddress } from '../read-address.js'
import type { Eip3009Key } from './eip3009-token.js'

/** Reads what the token remembers an authorization by; `undefined` when a record holds something else. */
export function readEip3009Key({ asset, payer, nonce }: Described): Eip3009Key | undefined {
  const token = readAddress(asset)
  const account = readAddress(payer)
  if ('problem' in token || 'problem' in account || !isNonce(nonce)) return undefined
  return { asset: token.value, payer: account.value, nonce }
}

function isNonce(value: string): value is Hex {
  return /^0x[0-9a-f]{64}$/.test(value)
}

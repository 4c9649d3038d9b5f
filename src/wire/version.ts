import type { Network } from './network.js'
import { readCaip2, readV1Network } from './v1-networks.js'

/** The newest version of the protocol that is spoken. */
export const x402Version = 2

/** The versions of the protocol that are spoken. */
export type X402Version = 1 | 2

/** Reads the network of an entry; protocol 2 names it by CAIP-2 and nothing else. */
export function readNetwork(value: unknown, version: X402Version): Network | undefined {
  if (version === 1) return readV1Network(value)
  return readCaip2(value)
}

/** Reads the scheme of an entry. Protocol 1 called `exact` by EIP-3009 `erc-3009` in its first drafts. */
export function readSchemeName(value: unknown, version: X402Version): string | undefined {
  if (version === 1 && value === 'erc-3009') return 'exact'
  return typeof value === 'string' ? value : undefined
}

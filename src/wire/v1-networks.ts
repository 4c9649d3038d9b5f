import { isNetwork, type Network } from './network.js'

/** Protocol 1's names for networks, as CAIP-2 names them. Source: `@x402/*` 2.27. */
const V1_NETWORKS: Readonly<Record<string, Network>> = {
  ethereum: 'eip155:1',
  sepolia: 'eip155:11155111',
  abstract: 'eip155:2741',
  'abstract-testnet': 'eip155:11124',
  'base-sepolia': 'eip155:84532',
  base: 'eip155:8453',
  'avalanche-fuji': 'eip155:43113',
  avalanche: 'eip155:43114',
  iotex: 'eip155:4689',
  sei: 'eip155:1329',
  'sei-testnet': 'eip155:1328',
  polygon: 'eip155:137',
  'polygon-amoy': 'eip155:80002',
  peaq: 'eip155:3338',
  story: 'eip155:1514',
  educhain: 'eip155:41923',
  'skale-base-sepolia': 'eip155:324705682',
  megaeth: 'eip155:4326',
  monad: 'eip155:143',
  stable: 'eip155:988',
  'stable-testnet': 'eip155:2201',
  celo: 'eip155:42220',
  flare: 'eip155:14',
  solana: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
  'solana-devnet': 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
  'solana-testnet': 'solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z',
}

/** Every network of the two families that `x402-fetch` and `x402-axios` 1.x paid on, by the names that these have there. */
export const ALL_OF_FAMILY = { evm: 'eip155:*', svm: 'solana:*' } as const

/** Every name of protocol 1, and the network that it names. */
export function listV1Networks(): Readonly<Record<string, Network>> {
  return V1_NETWORKS
}

/** Reads a network as protocol 1 writes it: a legacy name, or CAIP-2 as some sellers do. */
export function readV1Network(value: unknown): Network | undefined {
  if (typeof value === 'string' && Object.hasOwn(V1_NETWORKS, value)) return V1_NETWORKS[value]
  return readCaip2(value)
}

/** Algorand by the whole hash of its genesis, as its older releases write it. CAIP-2 takes 32 characters, in the alphabet for URLs. Source: `@x402/avm` 2.26. */
const BY_WHOLE_HASH = /^algorand:[A-Za-z0-9+/]{43}=$/

/** Reads a CAIP-2 network id, also in the one older spelling that sellers still write; `undefined` for anything else. */
export function readCaip2(value: unknown): Network | undefined {
  if (isNetwork(value)) return value
  if (typeof value !== 'string' || !BY_WHOLE_HASH.test(value)) return undefined
  const hash = value.slice('algorand:'.length, 'algorand:'.length + 32)
  return `algorand:${hash.replaceAll('+', '-').replaceAll('/', '_')}`
}

/** The names that protocol 1 has for the networks of a namespace, such as `eip155`. */
export function listV1Names(namespace: string): readonly string[] {
  return Object.keys(V1_NETWORKS).filter((name) => V1_NETWORKS[name]?.startsWith(`${namespace}:`))
}

/** A network as protocol 1 writes it; for sellers in tests. Where that protocol has no name for it, it stays as it is. */
export function toV1Network(network: string): string {
  return Object.keys(V1_NETWORKS).find((name) => V1_NETWORKS[name] === network) ?? network
}

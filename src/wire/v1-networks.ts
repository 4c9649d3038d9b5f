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

/** Reads a network as protocol 1 writes it: a legacy name, or CAIP-2 as some sellers do. */
export function readV1Network(value: unknown): Network | undefined {
  if (typeof value === 'string' && Object.hasOwn(V1_NETWORKS, value)) return V1_NETWORKS[value]
  return isNetwork(value) ? value : undefined
}

/** A network as protocol 1 writes it; for sellers in tests. Where that protocol has no name for it, it stays as it is. */
export function toV1Network(network: string): string {
  return Object.keys(V1_NETWORKS).find((name) => V1_NETWORKS[name] === network) ?? network
}

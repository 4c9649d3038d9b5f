import { isNetwork, type Network } from '../src/wire/network.js'
import { listV1Networks } from '../src/wire/v1-networks.js'

/** What is known about one network. */
type Row = readonly [network: Network, names: readonly string[], isTest?: 'test']

/**
 * Networks that sellers name, by how people call them. Those with a name of protocol 1 have it from there.
 *
 * Sources: `viem/chains` 2.57.1, to which the tests hold what is a test network; the CAIP-2 pages of the other families.
 */
const NETWORKS: readonly Row[] = [
  ['eip155:1', ['ethereum-mainnet']],
  ['eip155:10', ['optimism', 'optimism-mainnet', 'op-mainnet']],
  ['eip155:50', ['xdc']],
  ['eip155:51', ['xdc-apothem', 'apothem'], 'test'],
  ['eip155:130', ['unichain']],
  ['eip155:137', ['polygon-mainnet', 'matic']],
  ['eip155:146', ['sonic']],
  ['eip155:480', ['world-chain', 'worldchain']],
  ['eip155:998', ['hyperliquid-testnet', 'hyperevm-testnet'], 'test'],
  ['eip155:999', ['hyperliquid', 'hyperevm']],
  ['eip155:1301', ['unichain-sepolia'], 'test'],
  ['eip155:1328', [], 'test'],
  ['eip155:2201', [], 'test'],
  ['eip155:5042', ['arc']],
  ['eip155:8453', ['base-mainnet']],
  ['eip155:10143', ['monad-testnet'], 'test'],
  ['eip155:11124', [], 'test'],
  ['eip155:31611', ['mezo-testnet'], 'test'],
  ['eip155:31612', ['mezo']],
  ['eip155:42161', ['arbitrum', 'arbitrum-one']],
  ['eip155:43113', ['fuji'], 'test'],
  ['eip155:72344', ['radius-testnet'], 'test'],
  ['eip155:80002', ['amoy', 'polygon-testnet'], 'test'],
  ['eip155:84532', ['base-testnet'], 'test'],
  ['eip155:181228', ['hpp-sepolia'], 'test'],
  ['eip155:190415', ['hpp']],
  ['eip155:421614', ['arbitrum-sepolia'], 'test'],
  ['eip155:5042002', ['arc-testnet'], 'test'],
  ['eip155:11142220', ['celo-sepolia'], 'test'],
  ['eip155:11155111', ['ethereum-sepolia'], 'test'],
  ['eip155:11155420', ['optimism-sepolia', 'op-sepolia'], 'test'],
  ['eip155:324705682', [], 'test'],
  ['solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp', ['solana-mainnet', 'solana-mainnet-beta']],
  ['solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', [], 'test'],
  ['solana:4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z', [], 'test'],
  ['stellar:testnet', ['stellar-testnet'], 'test'],
]

/** How a scheme of ours is registered, by namespace and name. */
const REGISTRATIONS: Readonly<Record<string, string>> = {
  'eip155/exact': "client.register('eip155:*', new ExactEvmScheme(account))` of `pay402/evm",
  'eip155/upto': "client.register('eip155:*', new UptoEvmScheme(account))` of `pay402/evm",
  'solana/exact': "client.register('solana:*', new ExactSvmScheme(signer))` of `pay402/svm",
}

/** What is known about networks, of all families of chains. */
export const networkFacts = {
  /** Whether money there is play money. */
  isTest: (network: Network): boolean => NETWORKS.some(([one, , isTest]) => one === network && isTest !== undefined),

  /** Writes how a signer for an offer is registered; `undefined` where pay402 has none of its own. */
  toRegistration(scheme: string, network: Network): string | undefined {
    const key = `${network.slice(0, network.indexOf(':'))}/${scheme}`
    return Object.hasOwn(REGISTRATIONS, key) ? REGISTRATIONS[key] : undefined
  },

  /**
   * Finds the network that a label nearly names: one that is misspelled, abbreviated, or written as another protocol has it.
   *
   * @param label - As the seller wrote it.
   * @param version - The protocol that it spoke: 1 has names, 2 has CAIP-2.
   * @returns How it is written in that protocol, and its usual name; `undefined` when it is a known one, or near to none or to several.
   */
  suggest(label: string, version: number): { readonly label: string; readonly name: string } | undefined {
    const names = listNames()
    if (isKnown(label, version, names)) return undefined
    const found = findMeant(label, names)
    if (found === undefined) return undefined
    const legacy = Object.entries(listV1Networks()).find(([, network]) => network === found)?.[0]
    const [usual = found] = [...names].find(([, network]) => network === found) ?? []
    return { label: version === 1 ? (legacy ?? found) : found, name: legacy ?? usual }
  },
}

/** Every name, in lower case with hyphens. Those of protocol 1 come first. */
function listNames(): ReadonlyMap<string, Network> {
  const others = NETWORKS.flatMap(([network, names]) => names.map((name) => [name, network] as const))
  return new Map([...Object.entries(listV1Networks()), ...others])
}

function isKnown(label: string, version: number, names: ReadonlyMap<string, Network>): boolean {
  if (version === 1 && Object.hasOwn(listV1Networks(), label)) return true
  return [...names.values()].some((network) => network === label)
}

function findMeant(label: string, names: ReadonlyMap<string, Network>): Network | undefined {
  // Longer than any name; how near two texts are takes the product of their lengths.
  if (label.length > 64) return undefined
  const text = label
    .trim()
    .toLowerCase()
    .replace(/[\s_:/-]+/g, '-')
  const id = /^(?:eip-?155-?|evm-|chain-)?([0-9]+)$/.exec(text)?.[1]
  if (id !== undefined) return [...names.values()].find((network) => network === `eip155:${id}`)
  const bare = text.replace(/^eip-?155-/, '')
  const same = names.get(bare)
  if (same !== undefined) return same
  // A whole id that isn't known is another chain, and near to none.
  if (isNetwork(label) && bare === text && !/-(mainnet|testnet|devnet)/.test(text)) return undefined
  return findNearest(bare, names)
}

/** Most letters that may be wrong, missing or swapped. */
const MAX_DISTANCE = 2

function findNearest(text: string, names: ReadonlyMap<string, Network>): Network | undefined {
  const plain = (name: string) => name.replaceAll('-', '')
  const distances = [...names].map(([name, network]) => ({
    network,
    distance: measure(plain(text), plain(name)),
    // Of a short name every other one is near.
    most: Math.min(MAX_DISTANCE, Math.floor(plain(name).length / 4)),
  }))
  const near = distances.filter(({ distance, most }) => distance <= most)
  const least = Math.min(...near.map(({ distance }) => distance))
  const best = new Set(near.filter(({ distance }) => distance === least).map(({ network }) => network))
  const [only] = best
  return best.size === 1 ? only : undefined
}

/** How many letters are added, left out, replaced, or swapped with their neighbor. */
function measure(from: string, to: string): number {
  let before: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const next = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      next[column] = Math.min(
        (next[column - 1] ?? 0) + 1,
        (last[column] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    before = last
    last = next
  }
  return last[to.length] ?? 0
}

import type { Network } from '../../../src/wire/network.js'
import type { Address } from '../address.js'
import { DEVNET, MAINNET, TESTNET } from '../cluster/clusters.js'
import { TOKEN_2022_PROGRAM, TOKEN_PROGRAM, type TokenProgram } from '../programs.js'

/** A token that is worth a dollar. */
export type KnownAsset = {
  /** The cluster: `solana:<first 32 characters of the genesis hash>`. */
  network: Network
  /** The token's mint. */
  asset: string
  /** What people call it; only ever shown. */
  symbol: string
  /** Digits behind the point: 6 where a million atomic units are a dollar. The mint must have as many. */
  decimals: number
}

/** A built-in one, whose token program is known too. */
export type BuiltInAsset = KnownAsset & { tokenProgram: TokenProgram }

type Row = readonly [symbol: string, mint: Address, tokenProgram: TokenProgram]

/** USDC on mainnet; by the name of `@x402/svm` 2.27. */
export const USDC_MAINNET_ADDRESS: Address = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'
/** USDC on devnet. */
export const USDC_DEVNET_ADDRESS: Address = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU'
/** USDC on testnet, at the same address. */
export const USDC_TESTNET_ADDRESS: Address = '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU'

const TESTS: readonly Row[] = [
  ['USDC', USDC_DEVNET_ADDRESS, TOKEN_PROGRAM],
  ['USDG', '4F6PM96JJxngmHnZLBh9n58RH4aTVNWvDs2nuwrT5BP7', TOKEN_2022_PROGRAM],
  ['PYUSD', 'CXk2AMBfi3TwaEL2468s6zP8xq9NxTXjp9gjMgzeUynM', TOKEN_2022_PROGRAM],
]

/** Source: `DEFAULT_ASSETS` of `@x402/svm` 2.27.0, to which the tests hold it. All of them have six decimals. */
const TABLE: { readonly [cluster: string]: readonly Row[] } = {
  [MAINNET]: [
    ['USDC', USDC_MAINNET_ADDRESS, TOKEN_PROGRAM],
    ['USDT', 'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB', TOKEN_PROGRAM],
    ['USDG', '2u1tszSeqZ3qBWF3uNGPFc8TzMk2tdiwknnRMWGWjGWH', TOKEN_2022_PROGRAM],
    ['PYUSD', '2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo', TOKEN_2022_PROGRAM],
    ['CASH', 'CASHx9KJUStyftLFWGvEVf59SGeG9sh5FfcnZMVPCASH', TOKEN_2022_PROGRAM],
  ],
  [DEVNET]: TESTS,
  [TESTNET]: TESTS,
}

/** Every built-in token, network by network. */
export function listKnownAssets(): readonly BuiltInAsset[] {
  return Object.entries(TABLE).flatMap(([cluster, rows]) =>
    rows.map(([symbol, asset, tokenProgram]) => ({
      network: `solana:${cluster}` as const,
      asset,
      symbol,
      decimals: 6,
      tokenProgram,
    })),
  )
}

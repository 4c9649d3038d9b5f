import type { DefaultAsset } from '../../src/payment/scheme.js'
import type { Network } from '../../src/wire/network.js'
import { readAddress } from './address.js'
import type { AssetLookup } from './assets/asset-lookup.js'
import type { KnownAsset } from './assets/known-assets.js'
import type { RpcSource } from './chain/rpc-sources.js'
import { readChainId } from './chain-id.js'
import {
  type EvmSchemeOptions,
  type EvmSettings,
  type ExactEvmSchemeOptions,
  readEvmOptions,
} from './scheme-options.js'
import { type EvmSigner, type EvmWallet, readSigner } from './wallet/signer.js'
import { readTransactionSigner, type TransactionSigner } from './wallet/transaction-signer.js'

/** What a scheme on EVM chains works with: who pays, which tokens are known, whom to ask, who sends. */
export type EvmSetup = Omit<EvmSettings, 'signing' | 'verify'> & {
  /** Behind a guard for each payment; see `guardWallet`. */
  readonly wallet: EvmWallet
  /** Signs an approval, behind `guardApproval`; `undefined` when the key isn't at hand. */
  readonly transactions: TransactionSigner | undefined
  /** What is left of allowances that were read, by chain and token. */
  readonly remembered: Map<string, RememberedAllowance>
}

/**
 * Reads a scheme's signer and options.
 *
 * @param where - The scheme's class, for errors.
 * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
 */
export function createEvmSetup(
  where: string,
  signer: EvmSigner,
  options: EvmSchemeOptions | ExactEvmSchemeOptions,
): EvmSetup {
  const { signing, verify, ...settings } = readEvmOptions(where, signer, options)
  const wallet = readSigner(signer, signing, verify)
  return { ...settings, wallet, transactions: readTransactionSigner(signer), remembered: new Map() }
}

/** Whom to ask about a chain; `undefined` when the user named nobody. */
export function findSources({ rpc }: EvmSetup, chainId: number): readonly RpcSource[] | undefined {
  return rpc.get(`eip155:${chainId}`)
}

/** What was left of an allowance, and until when that is relied on, in seconds since 1970. */
export type RememberedAllowance = { readonly amount: bigint; readonly untilSeconds: number }

/** What is known of the token at this address, also where a seller wrote it. */
export function findToken(findAsset: AssetLookup, asset: string, network: Network): KnownAsset | undefined {
  const chainId = readChainId(network)
  const address = readAddress(asset)
  return chainId === undefined || 'problem' in address ? undefined : findAsset(chainId, address.value)
}

/** The dollar-pegged token at this address, if it is a known one. */
export function findKnownAsset({ findAsset }: EvmSetup, asset: string, network: Network): DefaultAsset | undefined {
  const known = findToken(findAsset, asset, network)
  const address = readAddress(asset)
  if (known === undefined || 'problem' in address) return undefined
  return { asset: address.value, decimals: known.decimals, symbol: known.symbol }
}

/** The address of the one dollar-pegged token that goes by a symbol on a network; without a symbol, of the one that it has. */
export function findAssetBySymbol(
  { findSymbol }: EvmSetup,
  symbol: string | undefined,
  network: Network,
): string | undefined {
  const chainId = readChainId(network)
  return chainId === undefined ? undefined : findSymbol(chainId, symbol)
}

import type { RememberedAllowance } from './permit2/remembered-allowance.js'
import { type EvmSchemeOptions, type EvmSettings, readEvmOptions } from './read-evm-options.js'
import type { RpcSource } from './read-rpc-sources.js'
import type { ExactEvmSchemeOptions } from './read-scheme-options.js'
import { type EvmSigner, type EvmWallet, readSigner } from './read-signer.js'
import { readTransactionSigner, type TransactionSigner } from './read-transaction-signer.js'

/** What a scheme on EVM chains works with: who pays, which tokens are known, whom to ask, who sends. */
export type EvmDesk = Omit<EvmSettings, 'signing' | 'verify'> & {
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
export function createEvmDesk(
  where: string,
  signer: EvmSigner,
  options: EvmSchemeOptions | ExactEvmSchemeOptions,
): EvmDesk {
  const { signing, verify, ...settings } = readEvmOptions(where, signer, options)
  const wallet = readSigner(signer, signing, verify)
  return { ...settings, wallet, transactions: readTransactionSigner(signer), remembered: new Map() }
}

/** Whom to ask about a chain; `undefined` when the user named nobody. */
export function findSources({ rpc }: EvmDesk, chainId: number): readonly RpcSource[] | undefined {
  return rpc.get(`eip155:${chainId}`)
}

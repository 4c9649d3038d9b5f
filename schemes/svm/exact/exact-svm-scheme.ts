import { assertOptions, invalidOption } from '../../../src/errors/options.js'
import { type Clock, systemClock } from '../../../src/payment/clock.js'
import { loadPart } from '../../../src/payment/part.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import {
  type ChainVerdict,
  type DefaultAsset,
  type Described,
  type Funding,
  type Holdings,
  MAX_VALIDITY_SECONDS,
  type SchemeContext,
  type SchemeNetworkClient,
} from '../../../src/payment/scheme.js'
import { oncePerFrozen } from '../../../src/wire/frozen.js'
import type { Decoded } from '../../../src/wire/json.js'
import type { Network } from '../../../src/wire/network.js'
import type { PaymentRequirements } from '../../../src/wire/requirements.js'
import { type Address, readAddress } from '../address.js'
import { type AssetLookup, createAssetLookup } from '../assets/asset-lookup.js'
import type { KnownAsset } from '../assets/known-assets.js'
import { type BoundedMap, createBoundedMap } from '../bounded-map.js'
import { type ClustersOf, createClusters } from '../cluster/cluster.js'
import { toExplorerUrl } from '../cluster/clusters.js'
import { type RpcSources, readRpcSources, readRpcUrl, type SourcesOf } from '../rpc-sources.js'
import { readSigner, type SvmSigner } from '../signer.js'
import { describeTransfer } from './described-transfer.js'
import { LIFETIME_SECONDS } from './lifetimes.js'
import { readTerms, refused, type Terms } from './terms.js'
import { writeTransferNonce } from './transfer-nonce.js'
import { createTransfers, type SignedTransfer, type Transfers } from './transfers.js'

/**
 * Pays an exact amount on Solana: signs a transfer of Token or Token-2022, which the seller's facilitator signs too, pays the fee of, and
 * sends.
 *
 * It signs nothing but that transfer, refuses terms under which the recipient would get less than the price, and finds out before it signs
 * when the recipient has no account for the token. What never changes is asked for once, and a blockhash serves every payment of the next
 * fifteen seconds; so most payments ask no one. For a client with `prepay`, the next blockhash is fetched ahead, every ten seconds until ten
 * minutes after its last payment.
 *
 * @example
 * ```ts
 * const signer = await toClientSvmSigner(new Uint8Array(32).fill(0x22))
 * const scheme = new ExactSvmScheme(signer)
 * scheme.payer //=> 'Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew'
 * ```
 */
export class ExactSvmScheme implements SchemeNetworkClient {
  readonly scheme = 'exact'
  /** The account that pays, in base58. */
  readonly payer: Address
  readonly #assets: AssetLookup
  readonly #readTerms: (requirements: PaymentRequirements) => Decoded<Terms>
  readonly #hasSources: boolean
  readonly #clustersOf: ClustersOf
  readonly #transfers: Transfers
  /** What was signed here, by signature: a transaction alone doesn't say when it dies. */
  readonly #signed: BoundedMap<SignedTransfer> = createBoundedMap()
  #clock: Clock = systemClock

  /**
   * @param signer - Any signer of @solana/kit that doesn't send by itself, or what `toClientSvmSigner` makes of a secret key.
   * @param options - See {@link ExactSvmScheme.Options}; the form of `@x402/svm`, `{ rpcUrl }`, is read too.
   * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
   */
  constructor(signer: SvmSigner, options: ExactSvmScheme.Options | ClientSvmConfig = {}) {
    const { rpc, assets: taught } = readOptions(options)
    this.#hasSources = Object.values(options).some((given) => given !== undefined && given !== taught)
    const payer = readSigner(signer)
    const assets = createAssetLookup(taught)
    this.#assets = assets
    // A payment asks for its terms two times.
    this.#readTerms = oncePerFrozen((requirements) => readTerms(requirements, payer.address, assets))
    this.#clustersOf = createClusters(rpc)
    this.#transfers = createTransfers(payer)
    this.payer = payer.address
  }

  /**
   * Signs the terms, or throws: the terms are judged here too, since the official client doesn't ask {@link refuse} first.
   *
   * @param x402Version - Both protocols carry the same transaction.
   * @throws {@link X402Error} `TERMS_REFUSED`, `RECIPIENT_ACCOUNT_MISSING` and `RPC_…` before the signer is asked;
   *   `SIGNATURE_MALFORMED` and `TRANSACTION_CHANGED` after it; what the signer throws.
   */
  async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context: SchemeContext = {},
  ): Promise<{ x402Version: number; payload: { transaction: string } }> {
    const { clock = systemClock, random = systemRandomBytes, maxValiditySeconds = MAX_VALIDITY_SECONDS } = context
    const { prepays = false } = context
    const terms = this.#readTerms(requirements)
    const problem = 'problem' in terms ? terms.problem : this.#refuseUnaskable(terms.value)
    if ('problem' in terms || problem !== undefined) throw refused(String(problem))
    if (maxValiditySeconds < LIFETIME_SECONDS) {
      throw refused(`a transaction may live ${LIFETIME_SECONDS} seconds, and ${maxValiditySeconds} are allowed`)
    }
    this.#clock = clock
    const signed = await this.#transfers(terms.value, this.#clustersOf(terms.value.network), { clock, random, prepays })
    this.#signed.set(signed.signature, signed)
    return { x402Version, payload: { transaction: signed.transaction } }
  }

  /** The dollar-pegged token of this mint, if it is a known one. */
  findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    const mint = readAddress(asset)
    if ('problem' in mint) return undefined
    const known = this.#assets.find(network, mint.value)
    return known && { asset: mint.value, decimals: known.decimals, symbol: known.symbol }
  }

  /** The mint of the one known token that goes by a symbol on a cluster; without a symbol, of the one that it has. */
  findAssetBySymbol(symbol: string | undefined, network: Network): string | undefined {
    return this.#assets.findMint(network, symbol)
  }

  /** Why these terms can't be signed, as the end of a sentence; `undefined` when they can, as far as that is known without asking. */
  refuse(requirements: PaymentRequirements): string | undefined {
    const terms = this.#readTerms(requirements)
    return 'problem' in terms ? terms.problem : this.#refuseUnaskable(terms.value)
  }

  /** What a payload pays; `undefined` when it isn't exactly a signed transfer, with no more than the guards of a wallet alongside it. */
  describe(payload: unknown, requirements: PaymentRequirements): Described | undefined {
    const described = describeTransfer(payload, requirements)
    if (described === undefined) return undefined
    const { transfer, payTo, signature } = described
    const { owner: payer, mint: asset, amount } = transfer
    const { life, validUntilSeconds = this.#clock.nowSeconds() + LIFETIME_SECONDS } = this.#signed.get(signature) ?? {}
    return { payer, payTo, asset, amount, validUntilSeconds, nonce: writeTransferNonce({ signature, life }) }
  }

  /** Whether the payer holds what an offer asks; `unknown` where no one can be asked, or no one answers. */
  async readFunding(requirements: PaymentRequirements): Promise<Funding> {
    const terms = this.#readTerms(requirements)
    if ('problem' in terms) return 'unknown'
    const { readFunding } = await loadPart(import('./funding.js'))
    return readFunding(this.#clustersOf(terms.value.network), terms.value, this.payer)
  }

  /** What the payer holds; empty where no one can be asked, or no one answers. */
  async readHoldings(requirements: PaymentRequirements): Promise<Holdings> {
    const terms = this.#readTerms(requirements)
    if ('problem' in terms) return {}
    const { readHoldings } = await loadPart(import('./funding.js'))
    return readHoldings(this.#clustersOf(terms.value.network), terms.value, this.payer)
  }

  /** Where a person can look at a transaction; `undefined` for local clusters. */
  explorerUrl(transaction: string, network: Network): string | undefined {
    return toExplorerUrl(transaction, network)
  }

  /** Whether anybody can be asked about any network, or this object asks elsewhere. */
  get canAskChain(): boolean {
    return this.#hasSources || this.canReconcile !== ExactSvmScheme.prototype.canReconcile
  }

  /** Whether anybody can be asked about this network. */
  canReconcile(network: Network): boolean {
    return this.#clustersOf(network).length > 0
  }

  /**
   * Asks the cluster what became of a transaction. With several sources for the network, one is enough for `spent`, and all must agree on
   * anything else.
   *
   * It is dead once the last block that could hold it is finalized and it is in none of the payer's transactions; that takes a minute or
   * two.
   */
  async reconcile(described: Described, { network }: PaymentRequirements): Promise<ChainVerdict> {
    const { reconcileTransfer } = await import('./reconciliation.js')
    return reconcileTransfer(this.#clustersOf(network), described)
  }

  /** Without anybody to ask, only a built-in token with the seller's own blockhash can be paid. */
  #refuseUnaskable({ network, known, blockhash }: Terms): string | undefined {
    const isWhole = known !== undefined && 'tokenProgram' in known && blockhash !== undefined
    return isWhole || this.#clustersOf(network).length > 0
      ? undefined
      : 'the option `rpc` names nobody to ask about its cluster'
  }
}

export declare namespace ExactSvmScheme {
  /** Options of {@link ExactSvmScheme}. */
  type Options = {
    /**
     * Whom to ask about each cluster: the URL of its JSON-RPC, or an RPC of @solana/kit; the next one when one fails. Once it is given,
     * no one is asked but whom it names.
     *
     * Give it: the public endpoints are shared by everybody, and answer busy buyers with 429, or whole data centers with 403. A source
     * that lies about a payment makes you sign it again, so give several where much is at stake.
     *
     * @default the public endpoints of mainnet, devnet and testnet
     * @example `{ 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp': ['https://my-rpc.example.com', createSolanaRpc(url)] }`
     */
    rpc?: RpcSources | undefined
    /**
     * Further tokens that are worth a dollar, so that dollar limits can price them. A wrong entry misprices payments: an asset worth more
     * than a dollar passes limits that were meant to stop it.
     *
     * @default only the built-in ones
     */
    assets?: readonly KnownAsset[] | undefined
  }
}

/**
 * Where clusters are asked, as the schemes of `@x402/svm` are told.
 *
 * @example
 * ```ts
 * import { ExactSvmScheme } from 'pay402/svm'
 *
 * new ExactSvmScheme(signer, { rpcUrl: 'https://api.devnet.solana.com' })
 * ```
 */
export type ClientSvmConfig = {
  /** The URL of a JSON-RPC, asked about every cluster that you pay on: one that serves another cluster fails. @default the public endpoint of mainnet, devnet or testnet */
  rpcUrl?: string | undefined
}

function readOptions(options: ExactSvmScheme.Options | ClientSvmConfig): {
  rpc: SourcesOf
  assets?: ExactSvmScheme.Options['assets']
} {
  const { rpcUrl, ...own } = { rpcUrl: undefined, ...options }
  assertOptions(own, 'ExactSvmScheme', ['rpc', 'assets'])
  const { rpc, assets }: ExactSvmScheme.Options = own
  if (rpcUrl === undefined) return { rpc: readRpcSources(rpc), assets }
  if (rpc !== undefined) throw invalidOption('rpcUrl', 'alone; next to other sources, write `rpc`')
  return { rpc: readRpcUrl(rpcUrl), assets }
}

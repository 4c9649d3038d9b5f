import { fail } from '../../src/errors/fail.js'
import { loadPart } from '../../src/payment/part.js'
import type {
  CancelOptions,
  ChainVerdict,
  DefaultAsset,
  Described,
  Funding,
  Holdings,
  ReceiptVerdict,
  SchemeContext,
  SchemeNetworkClient,
  TokenAllowance,
} from '../../src/payment/scheme.js'
import { oncePerFrozen } from '../../src/wire/frozen.js'
import type { Decoded } from '../../src/wire/json.js'
import type { Network } from '../../src/wire/network.js'
import type { PaymentRequirements } from '../../src/wire/requirements.js'
import { toExplorerUrl } from './chain/explorer.js'
import { readChainId } from './chain-id.js'
import { TERMS_REFUSED } from './errors.js'
import type { Hex } from './hex.js'
import { UPTO_PROXY } from './permit2/contracts.js'
import { describePermit2 } from './permit2/described.js'
import type { PaidByPermit2 } from './permit2/payment.js'
import { listSponsorable, maySponsor } from './permit2/sponsoring/sponsorable.js'
import { NO_PERMIT2_IN_V1, type Permit2Terms, readPermit2Terms } from './permit2/terms.js'
import { type EvmSchemeOptions, type ExactEvmSchemeOptions, toUnasked } from './scheme-options.js'
import { createEvmSetup, type EvmSetup, findAssetBySymbol, findKnownAsset, findSources } from './setup.js'
import type { EvmSigner } from './wallet/signer.js'

/**
 * Pays what was used on EVM chains, up to a maximum: signs a transfer through Permit2 that only the facilitator of the offer can settle,
 * only to the seller, once, and for no more than the offer asks.
 *
 * The maximum is what limits reserve and count, until the chain shows what was really taken. The payer must have allowed Permit2 to take
 * the tokens, once; where the seller submits that, it is signed alongside the payment, as the option `allowance` says.
 *
 * @example
 * ```ts
 * const metered = new x402Client().register('eip155:*', new UptoEvmScheme(account))
 * ```
 */
export class UptoEvmScheme implements SchemeNetworkClient {
  readonly scheme = 'upto'
  /** The account that pays, in canonical spelling. */
  readonly payer: Hex
  readonly #setup: EvmSetup
  readonly #readTerms: (requirements: PaymentRequirements) => Decoded<Permit2Terms>

  /**
   * @param signer - A viem account, a viem WalletClient with an account, or any object with `address` and `signTypedData`.
   * @param options - See {@link UptoEvmScheme.Options}; the forms of `@x402/evm`, `{ rpcUrl }` and `{ 8453: { rpcUrl } }`, are read too.
   * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
   */
  constructor(signer: EvmSigner, options: UptoEvmScheme.Options | ExactEvmSchemeOptions = {}) {
    this.#setup = createEvmSetup('UptoEvmScheme', signer, options)
    const payer = this.#setup.wallet.address
    const { findAsset } = this.#setup
    this.payer = payer
    // A payment asks for its terms three times.
    this.#readTerms = oncePerFrozen((requirements) => readPermit2Terms(requirements, 'upto', payer, findAsset))
  }

  /**
   * Signs the terms, or throws: the terms are judged here too, since the official client doesn't ask {@link refuse} first.
   *
   * @throws {@link X402Error} `TERMS_REFUSED` before the signer is asked; `ALLOWANCE_REQUIRED` where Permit2 may not take the tokens and
   *   the allowance can't be signed alongside; `SIGNATURE_MALFORMED`; `SIGNATURE_UNVERIFIED`; what the signer throws.
   */
  async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context: SchemeContext = {},
  ): Promise<UptoEvmPayload> {
    const terms = this.#read(requirements, x402Version)
    if ('problem' in terms) throw fail(TERMS_REFUSED, { words: terms })
    const { payByPermit2 } = await import('./permit2/payment.js')
    return { x402Version, ...(await payByPermit2(this.#setup, { requirements, terms: terms.value }, context)) }
  }

  /** Loads what a payment through Permit2 needs. */
  prepare(requirements: PaymentRequirements, extensions: Readonly<Record<string, unknown>>): Promise<unknown> {
    return Promise.all([
      this.#setup.wallet.prepare?.(),
      import('./permit2/payment.js'),
      maySponsor(this.#setup, requirements.network, extensions) && import('./permit2/sponsoring/sponsor.js'),
    ])
  }

  /** The dollar-pegged token at this address, if it is a known one. */
  findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    return findKnownAsset(this.#setup, asset, network)
  }

  /** The address of the one known token that goes by a symbol on a network; without a symbol, of the one that it has. */
  findAssetBySymbol(symbol: string | undefined, network: Network): string | undefined {
    return findAssetBySymbol(this.#setup, symbol, network)
  }

  /** Why these terms can't be signed, as the end of a sentence; `undefined` when they can. */
  refuse(requirements: PaymentRequirements, x402Version = 2): string | undefined {
    const terms = this.#read(requirements, x402Version)
    return 'problem' in terms ? terms.problem : undefined
  }

  /** What may be signed alongside the payment. */
  listAllowances(
    requirements: PaymentRequirements,
    extensions: Readonly<Record<string, unknown>>,
  ): readonly TokenAllowance[] {
    const terms = this.#read(requirements)
    return 'problem' in terms ? [] : listSponsorable(this.#setup, terms.value, extensions)
  }

  /** What a payload authorizes at most; `undefined` when it isn't exactly a payment for use on these terms. */
  describe(payload: unknown, { extra }: PaymentRequirements): Described | undefined {
    return describePermit2(payload, { spender: UPTO_PROXY, facilitator: extra['facilitatorAddress'] })
  }

  /** Whether the payer holds the maximum; `unknown` where `rpc` has no source, or none that answers within three seconds. */
  async readFunding(requirements: PaymentRequirements): Promise<Funding> {
    const terms = this.#read(requirements)
    const sources = 'value' in terms ? findSources(this.#setup, terms.value.chainId) : undefined
    if (sources === undefined || 'problem' in terms) return 'unknown'
    const { readFunding } = await loadPart(import('./assets/funding.js'))
    return readFunding(sources, terms.value, this.payer)
  }

  /** What the payer holds, and what Permit2 may take of it; empty where `rpc` has no source, or none that answers within three seconds. */
  async readHoldings(requirements: PaymentRequirements): Promise<Holdings> {
    const { readHoldings } = await loadPart(import('./assets/holdings.js'))
    return readHoldings(this.#setup, this.#read(requirements), this.payer)
  }

  /** Keeps no other payment waiting for an allowance that this one, which has one of its own, won't use. */
  async noteUnsettled(nonce: string): Promise<void> {
    const { forgoAllowance } = await import('./permit2/payment.js')
    await forgoAllowance(this.payer, nonce)
  }

  /** Where a person can look at a transaction; `undefined` for networks without a known explorer. */
  explorerUrl(transaction: string, network: Network): string | undefined {
    return toExplorerUrl(transaction, network)
  }

  /** Whether `rpc` has any source, or this object asks elsewhere. */
  get canAskChain(): boolean {
    return !this.#setup.rpc.isEmpty || this.canReconcile !== UptoEvmScheme.prototype.canReconcile
  }

  /** Whether `rpc` has a source for this network. */
  canReconcile(network: Network): boolean {
    return this.#setup.rpc.has(network)
  }

  /**
   * Asks the chain what became of a payment, and what it really took. With several sources for the network, one is enough for `spent`,
   * and all must agree on anything else, the amount included.
   */
  async reconcile(described: Described, { network }: PaymentRequirements): Promise<ChainVerdict> {
    const chainId = readChainId(network)
    const sources = this.#setup.rpc.get(network)
    if (chainId === undefined || sources === undefined) return { verdict: 'unknown' }
    const { reconcilePermit2 } = await import('./permit2/reconciliation.js')
    return reconcilePermit2(sources, chainId, described)
  }

  /**
   * Asks the chain whether a transaction is the payment that was signed, and what it really took: the token's transfer from payer to recipient
   * of no more than the maximum, settled with this signature. All sources for the network must agree. One that another contract settled is
   * `unknown`.
   *
   * A transaction that is mined and not final yet gets its verdict with `final: false`: a reorganization could still undo it.
   */
  async verifyReceipt(
    described: Described,
    { network }: PaymentRequirements,
    transaction: string,
  ): Promise<ReceiptVerdict> {
    const chainId = readChainId(network)
    const sources = this.#setup.rpc.get(network)
    if (chainId === undefined || sources === undefined) return toUnasked(network)
    const { verifyPermit2Receipt } = await import('./permit2/receipt.js')
    return verifyPermit2Receipt(sources, chainId, { described, spender: UPTO_PROXY }, transaction)
  }

  /**
   * Cancels a payment on the chain, so that it can never be settled, and waits until that is in a block that every source calls finalized.
   * Only the payer's own wallet can, and pays the gas.
   *
   * @throws {@link X402Error} `ALREADY_SPENT` when the payment was quicker: the money is settled.
   * @throws {@link X402Error} `CANCEL_NOT_FINAL` when it is mined and not final in time, `CANCEL_FAILED` when it isn't seen to be canceled:
   *   the money stays in doubt.
   * @throws {@link ConfigurationError} `INVALID_OPTION` without `rpc` for the network or without a sender that can; `INVALID_SIGNER` when
   *   another account signed the authorization.
   */
  async cancel(
    described: Described,
    { network }: PaymentRequirements,
    options?: CancelOptions,
  ): Promise<{ transaction: Hex }> {
    const { cancelPermit2 } = await import('./permit2/cancellation.js')
    return cancelPermit2(this.#setup, network, described, options)
  }

  #read(requirements: PaymentRequirements, x402Version = 2): Decoded<Permit2Terms> {
    return x402Version === 1 ? { problem: NO_PERMIT2_IN_V1 } : this.#readTerms(requirements)
  }
}

export declare namespace UptoEvmScheme {
  /** Options of {@link UptoEvmScheme}. */
  type Options = EvmSchemeOptions
}

/** What {@link UptoEvmScheme} signs, and what beside it. */
export type UptoEvmPayload = { readonly x402Version: number } & PaidByPermit2

import { fail } from '../../src/errors/fail.js'
import { systemClock } from '../../src/payment/clock.js'
import { loadPart } from '../../src/payment/part.js'
import { systemRandomBytes } from '../../src/payment/random.js'
import {
  type CancelOptions,
  type ChainVerdict,
  type DefaultAsset,
  type Described,
  type Funding,
  type Holdings,
  MAX_VALIDITY_SECONDS,
  type ReceiptVerdict,
  type SchemeContext,
  type SchemeNetworkClient,
  type TokenAllowance,
} from '../../src/payment/scheme.js'
import { isFrozenForGood, oncePerFrozen } from '../../src/wire/frozen.js'
import type { Decoded } from '../../src/wire/json.js'
import type { Network } from '../../src/wire/network.js'
import type { PaymentRequirements } from '../../src/wire/requirements.js'
import { toExplorerUrl } from './chain/explorer.js'
import { readChainId } from './chain-id.js'
import { describeEip3009, type Eip3009Payload, signEip3009 } from './eip3009/authorization.js'
import { type Eip3009Terms, readEip3009Terms } from './eip3009/terms.js'
import { TERMS_REFUSED } from './errors.js'
import { createNonce, type Hex, toWholeSeconds } from './hex.js'
import { EXACT_PROXY } from './permit2/contracts.js'
import { describePermit2 } from './permit2/described.js'
import type { PaidByPermit2 } from './permit2/payment.js'
import { listSponsorable, maySponsor } from './permit2/sponsoring/sponsorable.js'
import { NO_PERMIT2_IN_V1, needsPermit2, type Permit2Terms, readPermit2Terms, wantsPermit2 } from './permit2/terms.js'
import { type EvmSchemeOptions, type ExactEvmSchemeOptions, toUnasked } from './scheme-options.js'
import { createEvmSetup, type EvmSetup, findAssetBySymbol, findKnownAsset, findSources, findToken } from './setup.js'
import { guardWallet } from './wallet/guard.js'
import type { EvmSigner } from './wallet/signer.js'

/** How long before our clock a protocol-1 authorization starts to be valid, in seconds: sellers' clocks may be late. `@x402/*` 2.27. */
const V1_START_BEFORE_SECONDS = 600

/**
 * Pays an exact amount on EVM chains: signs a transfer by EIP-3009, or through Permit2 where the offer says
 * so, which the seller submits and pays the gas for.
 *
 * It signs nothing that lives longer than {@link MAX_VALIDITY_SECONDS}, pays no one but `payTo`, and refuses terms that name a
 * known token by a wrong name. One object serves every network and any number of payments at once.
 *
 * It asks a chain only where `rpc` names a source: for balances, for what became of a payment in doubt, and for allowances that a seller
 * offers to submit. The code for that is loaded when it is first needed.
 *
 * @example
 * ```ts
 * import { privateKeyToAccount } from 'viem/accounts'
 *
 * const account = privateKeyToAccount('0x1111111111111111111111111111111111111111111111111111111111111111')
 * const scheme = new ExactEvmScheme(account)
 * scheme.payer //=> '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'
 * ```
 */
export class ExactEvmScheme implements SchemeNetworkClient {
  readonly scheme = 'exact'
  /** The account that pays, in canonical spelling. */
  readonly payer: Hex
  readonly #setup: EvmSetup
  readonly #readTerms: (requirements: PaymentRequirements) => Decoded<Eip3009Terms | Permit2Terms>
  /** Which way the last terms are paid: it is asked three times in a row. */
  #last: { readonly requirements: PaymentRequirements; readonly isByPermit2: boolean } | undefined

  /**
   * @param signer - A viem account, a viem WalletClient with an account, or any object with `address` and `signTypedData`.
   * @param options - See {@link ExactEvmScheme.Options}; the forms of `@x402/evm`, `{ rpcUrl }` and `{ 8453: { rpcUrl } }`, are read too.
   * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
   */
  constructor(signer: EvmSigner, options: ExactEvmScheme.Options | ExactEvmSchemeOptions = {}) {
    this.#setup = createEvmSetup('ExactEvmScheme', signer, options)
    const payer = this.#setup.wallet.address
    const { findAsset } = this.#setup
    this.payer = payer
    // A payment asks for its terms three times.
    this.#readTerms = oncePerFrozen((requirements) =>
      needsPermit2(requirements, findToken(findAsset, requirements.asset, requirements.network))
        ? readPermit2Terms(requirements, 'exact', payer, findAsset)
        : readEip3009Terms(requirements, payer, findAsset),
    )
  }

  /**
   * Signs the terms, or throws: the terms are judged here too, since the official client doesn't ask {@link refuse} first.
   *
   * @param x402Version - Under protocol 1 the authorization is valid from ten minutes ago, under protocol 2 from ever.
   * @throws {@link X402Error} `TERMS_REFUSED` before the signer is asked; `ALLOWANCE_REQUIRED` where Permit2 may not take the tokens and
   *   the allowance can't be signed alongside; `SIGNATURE_MALFORMED`; `SIGNATURE_UNVERIFIED`; what the signer throws.
   */
  async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context: SchemeContext = {},
  ): Promise<ExactEvmPayload> {
    const terms = this.#read(requirements, x402Version)
    if ('problem' in terms) throw fail(TERMS_REFUSED, { words: terms })
    if ('spender' in terms.value) {
      const { payByPermit2 } = await import('./permit2/payment.js')
      return { x402Version, ...(await payByPermit2(this.#setup, { requirements, terms: terms.value }, context)) }
    }
    const { clock = systemClock, random = systemRandomBytes, maxValiditySeconds = MAX_VALIDITY_SECONDS } = context
    const now = clock.nowSeconds()
    const seconds = Math.min(terms.value.maxTimeoutSeconds, maxValiditySeconds, MAX_VALIDITY_SECONDS)
    const use = {
      validAfter: x402Version === 1 ? toWholeSeconds(now - V1_START_BEFORE_SECONDS) : 0n,
      validBefore: toWholeSeconds(now + seconds),
      nonce: createNonce(random),
    }
    const latestSeconds = now + Math.min(maxValiditySeconds, MAX_VALIDITY_SECONDS)
    const payer = guardWallet(this.#setup.wallet, { requirements, latestSeconds })
    return { x402Version, payload: await signEip3009(payer, terms.value, use) }
  }

  /** Loads what a payment through Permit2 needs, and what a wallet that signs hashes does. */
  prepare(
    requirements: PaymentRequirements,
    extensions: Readonly<Record<string, unknown>>,
  ): Promise<unknown> | undefined {
    const loading = this.#setup.wallet.prepare?.()
    if (!this.#isByPermit2(requirements)) return loading
    return Promise.all([
      loading,
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

  /** What may be signed alongside a payment through Permit2; nothing by EIP-3009. */
  listAllowances(
    requirements: PaymentRequirements,
    extensions: Readonly<Record<string, unknown>>,
  ): readonly TokenAllowance[] {
    const terms = this.#read(requirements)
    if ('problem' in terms || !('spender' in terms.value)) return []
    return listSponsorable(this.#setup, terms.value, extensions)
  }

  /** What a payload authorizes; `undefined` when it isn't exactly a transfer in the way that the offer wants. */
  describe(payload: unknown, requirements: PaymentRequirements): Described | undefined {
    if (this.#isByPermit2(requirements)) return describePermit2(payload, { spender: EXACT_PROXY })
    return describeEip3009(payload, requirements.asset)
  }

  /** Whether the payer holds what an offer asks; `unknown` where `rpc` has no source, or none that answers within three seconds. */
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
    return !this.#setup.rpc.isEmpty || this.canReconcile !== ExactEvmScheme.prototype.canReconcile
  }

  /** Whether `rpc` has a source for this network. */
  canReconcile(network: Network): boolean {
    return this.#setup.rpc.has(network)
  }

  /**
   * Asks the chain what became of an authorization. With several sources for the network, one is enough for `spent`, and all must agree
   * on anything else.
   *
   * An authorization that expired is dead only once a final block is later than its end; on some chains that takes a quarter of an hour.
   */
  async reconcile(described: Described, { network }: PaymentRequirements): Promise<ChainVerdict> {
    const chainId = readChainId(network)
    const sources = this.#setup.rpc.get(network)
    if (chainId === undefined || sources === undefined) return { verdict: 'unknown' }
    if (isByPermit2(described)) {
      const { reconcilePermit2 } = await import('./permit2/reconciliation.js')
      return reconcilePermit2(sources, chainId, described)
    }
    const { reconcileEip3009 } = await import('./eip3009/reconciliation.js')
    return reconcileEip3009(sources, chainId, described)
  }

  /**
   * Asks the chain whether a transaction is the payment that was signed: the token's transfer from payer to recipient of exactly the amount,
   * by this authorization. All sources for the network must agree. A payment through Permit2 that another contract settled is `unknown`.
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
    if (isByPermit2(described)) {
      const { verifyPermit2Receipt } = await import('./permit2/receipt.js')
      return verifyPermit2Receipt(sources, chainId, { described, spender: EXACT_PROXY }, transaction)
    }
    const { verifyEip3009Receipt } = await import('./eip3009/receipt.js')
    return verifyEip3009Receipt(sources, chainId, described, transaction)
  }

  /**
   * Cancels an authorization on the chain, so that it can never be spent, and waits until that is in a block that every source calls
   * finalized. The sender pays the gas; for a payment through Permit2 it must be the payer's own wallet.
   *
   * @throws {@link X402Error} `ALREADY_SPENT` when the payment was quicker: the money is settled.
   * @throws {@link X402Error} `CANCEL_NOT_FINAL` when it is mined and not final in time, `CANCEL_FAILED` when it isn't seen to be canceled,
   *   and `TERMS_REFUSED`: the money stays in doubt.
   * @throws {@link ConfigurationError} `INVALID_OPTION` without `rpc` for the network or without a sender that can; `INVALID_SIGNER` when
   *   another account signed the authorization.
   */
  async cancel(
    described: Described,
    requirements: PaymentRequirements,
    options?: CancelOptions,
  ): Promise<{ transaction: Hex }> {
    const setup = this.#setup
    if (isByPermit2(described)) {
      const { cancelPermit2 } = await import('./permit2/cancellation.js')
      return cancelPermit2(setup, requirements.network, described, options)
    }
    const terms = readEip3009Terms(requirements, this.payer, setup.findAsset)
    const { cancelEip3009, guardCancellation } = await import('./eip3009/cancellation.js')
    const payer = guardCancellation(setup.wallet, requirements, described.nonce)
    const canceler = { payer, sender: setup.sender, sources: setup.rpc.get(requirements.network) }
    return cancelEip3009(canceler, terms, described, options)
  }

  #read(requirements: PaymentRequirements, x402Version = 2): Decoded<Eip3009Terms | Permit2Terms> {
    const isUnknown = x402Version === 1 && this.#isByPermit2(requirements)
    return isUnknown ? { problem: NO_PERMIT2_IN_V1 } : this.#readTerms(requirements)
  }

  #isByPermit2(requirements: PaymentRequirements): boolean {
    const known = this.#last
    if (known?.requirements === requirements) return known.isByPermit2
    const terms = this.#readTerms(requirements)
    const isByPermit2 = 'value' in terms ? 'spender' in terms.value : wantsPermit2(requirements)
    if (isFrozenForGood(requirements)) this.#last = { requirements, isByPermit2 }
    return isByPermit2
  }
}

export declare namespace ExactEvmScheme {
  /** Options of {@link ExactEvmScheme}. */
  type Options = EvmSchemeOptions
}

/** What {@link ExactEvmScheme} signs, and what beside it. */
export type ExactEvmPayload = { readonly x402Version: number } & ({ readonly payload: Eip3009Payload } | PaidByPermit2)

/** A record holds the nonce and not the method; those of EIP-3009 are 32 bytes in hex, those of Permit2 numbers. */
function isByPermit2({ nonce }: Described): boolean {
  return !nonce.startsWith('0x')
}

import { assertOptions, invalidOption } from '../../../src/assert-options.js'
import { systemClock } from '../../../src/clock.js'
import { ConfigurationError, X402Error } from '../../../src/errors.js'
import type { Network } from '../../../src/protocol/network.js'
import type { PaymentRequirements } from '../../../src/protocol/requirements.js'
import { systemRandomBytes } from '../../../src/random.js'
import {
  type ChainVerdict,
  type DefaultAsset,
  type Described,
  type Funding,
  MAX_VALIDITY_SECONDS,
  type ReceiptVerdict,
  type SchemeContext,
  type SchemeNetworkClient,
} from '../../../src/scheme.js'
import { type AssetBook, createAssetBook } from '../create-asset-book.js'
import { guardWallet } from '../guard-wallet.js'
import { type Hex, toHex } from '../hex.js'
import type { KnownAsset } from '../known-assets.js'
import { readAddress } from '../read-address.js'
import { readChainId } from '../read-chain-id.js'
import { type RpcBook, type RpcSources, readRpcSources } from '../read-rpc-sources.js'
import { type ExactEvmSchemeOptions, readSchemeOptions } from '../read-scheme-options.js'
import { readSender, type TransactionSender } from '../read-sender.js'
import { type EvmSigner, type EvmWallet, readSigner, type VerifySignature } from '../read-signer.js'
import { toExplorerUrl } from '../to-explorer-url.js'
import { describeEip3009, type Eip3009Payload, signEip3009 } from './eip3009.js'
import { readTerms } from './read-terms.js'

/** How long before our clock a protocol-1 authorization starts to be valid, in seconds: sellers' clocks may be late. `@x402/*` 2.27. */
const V1_START_BEFORE_SECONDS = 600

/**
 * Pays an exact amount on EVM chains: signs a transfer by EIP-3009, which the seller submits and pays the gas for.
 *
 * It signs nothing that lives longer than {@link MAX_VALIDITY_SECONDS}, pays nobody but `payTo`, and refuses terms that name a
 * known token by a wrong name. It holds no state, so one object serves every network and any number of payments at once.
 *
 * It asks a chain only where `rpc` names a source: for balances, and for what became of a payment in doubt. The code for that is loaded
 * when it is first needed.
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
  readonly #wallet: EvmWallet
  readonly #book: AssetBook
  readonly #rpc: RpcBook
  readonly #sender: TransactionSender | undefined

  /**
   * @param signer - A viem account, a viem WalletClient with an account, or any object with `address` and `signTypedData`.
   * @param options - See {@link ExactEvmScheme.Options}; the forms of `@x402/evm`, `{ rpcUrl }` and `{ 8453: { rpcUrl } }`, are read too.
   * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
   */
  constructor(signer: EvmSigner, options: ExactEvmScheme.Options | ExactEvmSchemeOptions = {}) {
    const own = readSchemeOptions(options)
    assertOptions(own, 'ExactEvmScheme', ['signing', 'assets', 'rpc', 'sender', 'verify'])
    const { signing = 'typed-data', assets, rpc, sender, verify } = own
    if (signing !== 'typed-data' && signing !== 'hash') throw invalidOption('signing', "'typed-data' or 'hash'")
    if (verify !== undefined && typeof verify !== 'function') throw invalidOption('verify', 'a function')
    this.#wallet = readSigner(signer, signing, verify)
    this.#book = createAssetBook(assets)
    this.#rpc = readRpcSources(rpc)
    this.#sender = readSender(sender, signer)
    this.payer = this.#wallet.address
  }

  /**
   * Signs the terms, or throws: the terms are judged here too, since the official client doesn't ask {@link refuse} first.
   *
   * @param x402Version - Under protocol 1 the authorization is valid from ten minutes ago, under protocol 2 from ever.
   * @throws {@link X402Error} `TERMS_REFUSED` before the signer is asked; `SIGNATURE_MALFORMED`; `SIGNATURE_UNVERIFIED`; what the signer
   *   throws.
   */
  async createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context: SchemeContext = {},
  ): Promise<{ x402Version: number; payload: Eip3009Payload }> {
    const { clock = systemClock, random = systemRandomBytes, maxValiditySeconds = MAX_VALIDITY_SECONDS } = context
    const terms = readTerms(requirements, this.payer, this.#book)
    if ('problem' in terms) {
      throw new X402Error(`Refused to sign: ${terms.problem}.`, { code: 'TERMS_REFUSED', money: 'untouched' })
    }
    const now = clock.nowSeconds()
    const seconds = Math.min(terms.value.maxTimeoutSeconds, maxValiditySeconds, MAX_VALIDITY_SECONDS)
    const use = {
      validAfter: x402Version === 1 ? toWholeSeconds(now - V1_START_BEFORE_SECONDS) : 0n,
      validBefore: toWholeSeconds(now + seconds),
      nonce: createNonce(random(NONCE_BYTES)),
    }
    const latestSeconds = now + Math.min(maxValiditySeconds, MAX_VALIDITY_SECONDS)
    const payer = guardWallet(this.#wallet, { requirements, latestSeconds })
    return { x402Version, payload: await signEip3009(payer, terms.value, use) }
  }

  /** The dollar-pegged token at this address, if it is a known one. */
  findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    const chainId = readChainId(network)
    const address = readAddress(asset)
    if (chainId === undefined || 'problem' in address) return undefined
    const known = this.#book(chainId, address.value)
    return known && { asset: address.value, decimals: known.decimals, symbol: known.symbol }
  }

  /** Why these terms can't be signed, as the end of a sentence; `undefined` when they can. */
  refuse(requirements: PaymentRequirements): string | undefined {
    const terms = readTerms(requirements, this.payer, this.#book)
    return 'problem' in terms ? terms.problem : undefined
  }

  /** What a payload authorizes; `undefined` when it isn't exactly a transfer by EIP-3009. */
  describe(payload: unknown, requirements: PaymentRequirements): Described | undefined {
    return describeEip3009(payload, requirements.asset)
  }

  /** Whether the payer holds what an offer asks; `unknown` where `rpc` has no source, or none that answers within three seconds. */
  async readFunding(requirements: PaymentRequirements): Promise<Funding> {
    const terms = readTerms(requirements, this.payer, this.#book)
    const sources = this.#rpc.get(requirements.network)
    if (sources === undefined || 'problem' in terms) return 'unknown'
    const { readFunding } = await import('./read-funding.js')
    return readFunding(sources, terms.value, this.payer)
  }

  /** Where a person can look at a transaction; `undefined` for networks without a known explorer. */
  explorerUrl(transaction: string, network: Network): string | undefined {
    return toExplorerUrl(transaction, network)
  }

  /** Whether `rpc` has a source for this network. */
  canReconcile(network: Network): boolean {
    return this.#rpc.has(network)
  }

  /**
   * Asks the chain what became of an authorization. With several sources for the network, one is enough for `spent`, and all must agree
   * on anything else.
   *
   * An authorization that expired is dead only once a final block is later than its end; on some chains that takes a quarter of an hour.
   */
  async reconcile(described: Described, { network }: PaymentRequirements): Promise<ChainVerdict> {
    const chainId = readChainId(network)
    const sources = this.#rpc.get(network)
    if (chainId === undefined || sources === undefined) return { verdict: 'unknown' }
    const { reconcileEip3009 } = await import('./reconcile-eip3009.js')
    return reconcileEip3009(sources, chainId, described)
  }

  /**
   * Asks the chain whether a transaction is the payment that was signed: the token's transfer from payer to payee of exactly the amount,
   * by this authorization. All sources for the network must agree.
   *
   * A transaction that is mined and not final yet gets its verdict with `final: false`: a reorganization could still undo it.
   */
  async verifyReceipt(
    described: Described,
    { network }: PaymentRequirements,
    transaction: string,
  ): Promise<ReceiptVerdict> {
    const chainId = readChainId(network)
    const sources = this.#rpc.get(network)
    if (chainId === undefined || sources === undefined)
      return { verdict: 'unknown', because: `\`rpc\` has no source for ${network}` }
    const { verifyEip3009Receipt } = await import('./verify-eip3009-receipt.js')
    return verifyEip3009Receipt(sources, chainId, described, transaction)
  }

  /**
   * Cancels an authorization on the chain, so that it can never be spent, and waits up to two minutes until that is mined. The sender
   * pays the gas.
   *
   * @throws {@link X402Error} `ALREADY_SPENT` when the payment was quicker: the money is settled.
   * @throws {@link X402Error} `CANCEL_FAILED` when it isn't seen to be canceled, and `TERMS_REFUSED`: the money stays in doubt.
   * @throws {@link ConfigurationError} `INVALID_OPTION` without `rpc` for the network or without a sender; `INVALID_SIGNER` when
   *   another account signed the authorization.
   */
  async cancel(described: Described, requirements: PaymentRequirements): Promise<{ transaction: Hex }> {
    const terms = readTerms(requirements, this.payer, this.#book)
    const payer = guardWallet(this.#wallet, { requirements, cancels: described.nonce })
    const canceler = { payer, sender: this.#sender, sources: this.#rpc.get(requirements.network) }
    const { cancelEip3009 } = await import('./cancel-eip3009.js')
    return cancelEip3009(canceler, terms, described)
  }
}

export declare namespace ExactEvmScheme {
  /** Options of {@link ExactEvmScheme}. */
  type Options = {
    /**
     * Who hashes the typed data. `'typed-data'` calls the signer's `signTypedData`, which a wallet can show to a person and a
     * guard can inspect. `'hash'` hashes here and calls `sign({ hash })`, a third faster, past every guard around `signTypedData`.
     *
     * @default 'typed-data'
     */
    signing?: 'typed-data' | 'hash' | undefined
    /**
     * Further tokens that are worth a dollar, so that dollar limits can price them. A wrong entry misprices payments: an asset
     * worth more than a dollar passes limits that were meant to stop it.
     *
     * @default none beside the built-in ones
     */
    assets?: readonly KnownAsset[] | undefined
    /**
     * Whom to ask about each chain: the URL of its JSON-RPC, or an object with EIP-1193's `request`, such as a viem `PublicClient`. Without
     * it, balances are unknown, and a payment in doubt stays so. Give several where much is at stake: a single source that lies about an
     * authorization makes you sign it anew.
     *
     * @default none
     * @example `{ 'eip155:8453': ['https://mainnet.base.org', publicClient], 'eip155:*': 'https://rpc.example.com' }`
     */
    rpc?: RpcSources | undefined
    /**
     * Sends the transaction of {@link ExactEvmScheme.cancel} and pays its gas: a viem `WalletClient`, of any account.
     *
     * @default the signer, when it is a wallet client
     */
    sender?: TransactionSender | undefined
    /**
     * Asked whether each signature is the payer's, before it leaves: viem's `verifyHash` for a plain account, that of a `PublicClient`
     * for a contract account. A wallet that signs with another key is found out here and not by the seller.
     *
     * @default nobody is asked: that takes a library of the curve, or a question to the chain
     */
    verify?: VerifySignature | undefined
  }
}

/** Source: EIP-3009, `nonce` is a `bytes32`. */
const NONCE_BYTES = 32

/** A short nonce would be padded by one wallet and refused by another. */
function createNonce(bytes: Uint8Array): Hex {
  if (bytes.length === NONCE_BYTES) return toHex(bytes)
  throw new ConfigurationError(`The random source must give ${NONCE_BYTES} bytes when asked for them.`, {
    code: 'INVALID_OPTION',
  })
}

function toWholeSeconds(seconds: number): bigint {
  if (Number.isFinite(seconds) && seconds > 0) return BigInt(Math.floor(seconds))
  throw new ConfigurationError('The clock must give seconds since 1970.', { code: 'INVALID_OPTION' })
}

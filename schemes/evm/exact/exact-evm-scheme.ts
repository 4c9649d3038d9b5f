import { assertOptions } from '../../../src/assert-options.js'
import { systemClock } from '../../../src/clock.js'
import { ConfigurationError, X402Error } from '../../../src/errors.js'
import type { Network } from '../../../src/protocol/network.js'
import type { PaymentRequirements } from '../../../src/protocol/requirements.js'
import { systemRandomBytes } from '../../../src/random.js'
import {
  type DefaultAsset,
  type Described,
  MAX_VALIDITY_SECONDS,
  type SchemeContext,
  type SchemeNetworkClient,
} from '../../../src/scheme.js'
import { type AssetBook, createAssetBook } from '../create-asset-book.js'
import { type Hex, toHex } from '../hex.js'
import type { KnownAsset } from '../known-assets.js'
import { readAddress } from '../read-address.js'
import { readChainId } from '../read-chain-id.js'
import { type EvmPayer, type EvmSigner, readSigner } from '../read-signer.js'
import { describeEip3009, type Eip3009Payload, signEip3009 } from './eip3009.js'
import { readTerms } from './read-terms.js'

/** How long before our clock a protocol-1 authorization starts to be valid, in seconds: sellers' clocks may be late. protocol.md 2.5. */
const V1_START_BEFORE_SECONDS = 600

/**
 * Pays an exact amount on EVM chains: signs a transfer by EIP-3009, which the seller submits and pays the gas for.
 *
 * It signs nothing that lives longer than {@link MAX_VALIDITY_SECONDS}, pays nobody but `payTo`, and refuses terms that name a
 * known token by a wrong name. It asks no chain and holds no state, so one object serves every network and any number of payments at once.
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
  readonly #payer: EvmPayer
  readonly #book: AssetBook

  /**
   * @param signer - A viem account, a viem WalletClient with an account, or any object with `address` and `signTypedData`.
   * @throws {@link ConfigurationError} `INVALID_SIGNER`, `INVALID_OPTION` or `UNKNOWN_OPTION`; never holding what was given.
   */
  constructor(signer: EvmSigner, options: ExactEvmScheme.Options = {}) {
    assertOptions(options, 'ExactEvmScheme', ['signing', 'assets'])
    const { signing = 'typed-data', assets } = options
    if (signing !== 'typed-data' && signing !== 'hash') {
      throw new ConfigurationError("The option `signing` must be 'typed-data' or 'hash'.", { code: 'INVALID_OPTION' })
    }
    this.#payer = readSigner(signer, signing)
    this.#book = createAssetBook(assets)
    this.payer = this.#payer.address
  }

  /**
   * Signs the terms, or throws: the terms are judged here too, since the official client doesn't ask {@link refuse} first.
   *
   * @param x402Version - Under protocol 1 the authorization is valid from ten minutes ago, under protocol 2 from ever.
   * @throws {@link X402Error} `TERMS_REFUSED` before the signer is asked; `SIGNATURE_MALFORMED`; what the signer throws.
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
    return { x402Version, payload: await signEip3009(this.#payer, terms.value, use) }
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
  }
}

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

import { listKnownAssets as listEvmAssets } from '../../schemes/evm/assets/known-assets.js'
import { listKnownAssets as listSolanaAssets } from '../../schemes/svm/assets/known-assets.js'
import { assertOptions, invalidOption } from '../errors/options.js'
import { systemClock } from '../payment/clock.js'
import { systemRandomBytes } from '../payment/random.js'
import {
  type ChainVerdict,
  type DefaultAsset,
  type Described,
  MAX_VALIDITY_SECONDS,
  type SchemeContext,
  type SchemeNetworkClient,
} from '../payment/scheme.js'
import { isAmount } from '../wire/amount.js'
import { isJsonObject } from '../wire/json.js'
import type { Network } from '../wire/network.js'
import type { PaymentRequirements } from '../wire/requirements.js'
import { testAccounts } from './accounts.js'
import { SIGNS_NOTHING } from './mainnets.js'
import type { SellerPayment } from './seller/payment-book.js'

/**
 * A scheme that signs without a chain and without a key, for tests: what it makes is worth nothing anywhere, and only sellers of the kit take
 * it. Limits, ledger, events and errors are those of any other scheme.
 *
 * It can stand in for any scheme on any network, also on a mainnet, so an app's own configuration can be tested as it is.
 *
 * @example
 * ```ts
 * const seller = createSeller({ price: '$0.01' })
 * const buyer = new x402Client().register('eip155:*', new TestScheme())
 * const response = await wrapFetchWithPayment(seller.fetch, buyer)(`${seller.url}/weather`)
 * response.status //=> 200
 * ```
 */
export class TestScheme implements SchemeNetworkClient {
  readonly scheme: string
  readonly payer: string
  /** Tells {@link forbidMainnets} that nothing is signed here. */
  readonly [SIGNS_NOTHING] = true
  readonly #sellers: readonly Settling[]
  #clock = systemClock

  /**
   * @param options - See {@link TestScheme.Options}.
   * @throws {@link ConfigurationError} `INVALID_OPTION` or `UNKNOWN_OPTION`.
   */
  constructor(options: TestScheme.Options = {}) {
    assertOptions(options, 'TestScheme', ['scheme', 'payer', 'sellers'])
    const { scheme = 'exact', payer = testAccounts.evm.address, sellers = [] } = options
    if (typeof scheme !== 'string') throw invalidOption('TestScheme.scheme', 'a name, such as "exact"')
    if (typeof payer !== 'string') throw invalidOption('TestScheme.payer', 'an address')
    if (!Array.isArray(sellers)) throw invalidOption('TestScheme.sellers', 'a list of sellers')
    this.scheme = scheme
    this.payer = payer
    this.#sellers = sellers
  }

  /** Makes a payload for these terms. */
  async createPaymentPayload(
    x402Version: number,
    { network, asset, payTo, amount, maxTimeoutSeconds }: PaymentRequirements,
    { clock = systemClock, random = systemRandomBytes, maxValiditySeconds = MAX_VALIDITY_SECONDS }: SchemeContext = {},
  ): Promise<{ x402Version: number; payload: Record<string, unknown> }> {
    this.#clock = clock
    const validUntilSeconds = clock.nowSeconds() + Math.min(maxTimeoutSeconds, maxValiditySeconds)
    const nonce = Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
    return {
      x402Version,
      payload: { test: { payer: this.payer, payTo, asset, network, amount, validUntilSeconds, nonce } },
    }
  }

  /** What a payload of this scheme pays. */
  describe(payload: unknown, requirements: PaymentRequirements): Described | undefined {
    return describeTestPayload(payload, requirements)
  }

  /** The dollar-pegged token at this address, out of those that the schemes of the package know. */
  findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    const isAsked = (known: { readonly network: string; readonly asset: string }) =>
      known.network === network && known.asset.toLowerCase() === asset.toLowerCase()
    const found = listEvmAssets().find(isAsked) ?? listSolanaAssets().find(isAsked)
    return found && { asset: found.asset, decimals: found.decimals, symbol: found.symbol }
  }

  /** Whether there are sellers to ask. */
  canReconcile(): boolean {
    return this.#sellers.length > 0
  }

  /** Asks the sellers what became of a payment, in place of a chain. */
  async reconcile({ nonce, validUntilSeconds }: Described): Promise<ChainVerdict> {
    if (this.#sellers.length === 0) return { verdict: 'unknown' }
    const held = this.#sellers.flatMap(({ payments }) => payments).find((payment) => payment.nonce === nonce)
    if (held?.state === 'settled') return { verdict: 'spent', transaction: held.transaction }
    return { verdict: this.#clock.nowSeconds() > validUntilSeconds ? 'unspent-and-dead' : 'unspent' }
  }
}

/** A seller, as far as it is asked what it took. */
type Settling = { readonly payments: readonly Pick<SellerPayment, 'nonce' | 'state' | 'transaction'>[] }

export declare namespace TestScheme {
  /**
   * Options of {@link TestScheme}.
   *
   * @example
   * ```ts
   * import { x402Client } from 'pay402'
   * import { createSeller, TestScheme } from 'pay402/testing'
   *
   * const seller = createSeller({ price: '$0.01' })
   * new x402Client().register('eip155:*', new TestScheme({ sellers: [seller] }))
   * ```
   */
  type Options = {
    /** Which scheme it stands in for. @default 'exact' */
    scheme?: string | undefined
    /** The account that pays. @default testAccounts.evm.address */
    payer?: string | undefined
    /**
     * Sellers that answer in place of a chain when `client.reconcile()` asks what became of a payment.
     *
     * @default none, so nothing can be reconciled
     */
    sellers?: readonly Settling[] | undefined
  }
}

const FIELDS = ['payer', 'payTo', 'asset', 'network', 'amount', 'validUntilSeconds', 'nonce']

/** Reads what a payload of {@link TestScheme} pays; `undefined` when it is none, or for another network. */
export function describeTestPayload(payload: unknown, { network }: PaymentRequirements): Described | undefined {
  const test = isJsonObject(payload) ? payload['test'] : undefined
  if (!isJsonObject(test) || Object.keys(test).sort().join() !== [...FIELDS].sort().join()) return undefined
  const { payer, payTo, asset, amount, validUntilSeconds, nonce } = test
  if (test['network'] !== network || !isAmount(amount) || typeof validUntilSeconds !== 'number') return undefined
  if (typeof payer !== 'string' || typeof payTo !== 'string' || typeof asset !== 'string') return undefined
  if (typeof nonce !== 'string') return undefined
  return { payer, payTo, asset, amount: BigInt(amount), validUntilSeconds, nonce }
}

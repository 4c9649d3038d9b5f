import { fail } from '../../../src/errors/fail.js'
import type { EvmProvider } from '../chain/rpc-sources.js'
import { ACCOUNT_CANNOT_SIGN } from '../errors.js'
import type { Hex } from '../hex.js'
import type { EvmAccount } from './signer.js'
import type { TypedData } from './typed-data.js'

type ReadContract = (args: {
  address: Hex
  abi: readonly unknown[]
  functionName: string
  args?: readonly unknown[]
}) => Promise<unknown>

type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/** What `@x402/evm` signs with: an account, and what else it may be able to do. */
export type ClientEvmSigner = Omit<EvmAccount, 'address' | 'signTypedData'> & {
  readonly address: Hex
  signTypedData(typedData: TypedData): Promise<Hex>
  /** Reads a contract. */
  readonly readContract?: ReadContract
  /** Signs a transaction without sending it. */
  readonly signTransaction?: (
    transaction: { to: Hex; data: Hex; nonce: number; gas: bigint; chainId: number } & Fees,
  ) => Promise<Hex>
  readonly getTransactionCount?: (args: { address: Hex }) => Promise<number>
  readonly estimateFeesPerGas?: () => Promise<Fees>
}

/** What can be asked about a chain, such as a viem `PublicClient`. The schemes of pay402 ask by its `request`. */
export type EvmReader = Partial<EvmProvider> & {
  readonly [Ability in 'readContract' | 'getTransactionCount' | 'estimateFeesPerGas']?:
    | ClientEvmSigner[Ability]
    | undefined
}

/** Where a signer keeps what asks its chain, also for another copy of the package. */
const CHAIN = /* @__PURE__ */ Symbol.for('pay402.chain')

/** What {@link toClientEvmSigner} was given to ask the chain, where that can be asked anything. */
export function chainOf(signer: unknown): unknown {
  return typeof signer === 'object' && signer !== null ? Reflect.get(signer, CHAIN) : undefined
}

const ABILITIES = ['readContract', 'signTransaction', 'getTransactionCount', 'estimateFeesPerGas', 'sign'] as const

/**
 * Puts an account and a client for a chain together, as `@x402/evm` does, so that code written for it needs no change.
 *
 * @example
 * ```ts
 * import { toClientEvmSigner } from 'pay402/evm'
 *
 * const scheme = new ExactEvmScheme(toClientEvmSigner(account))
 * ```
 *
 * @param account - Signs; its methods are called on itself.
 * @param publicClient - Does what the account can't. A scheme that is given no `rpc` asks it, so that it signs allowances that sellers submit and
 *   finds out what became of payments; about other chains than its own nothing is asked.
 * @returns A signer for the schemes here and for those of `@x402/evm`.
 * @throws {@link ConfigurationError} `INVALID_SIGNER` when the account can't sign.
 */
export function toClientEvmSigner(
  account: Pick<ClientEvmSigner, 'address' | 'signTypedData'> & Partial<ClientEvmSigner>,
  publicClient: EvmReader = {},
): ClientEvmSigner {
  if (typeof account?.signTypedData !== 'function') {
    throw fail(ACCOUNT_CANNOT_SIGN)
  }
  const abilities = ABILITIES.flatMap((name) => {
    const owner = [account, publicClient].find((one) => typeof Reflect.get(one, name) === 'function')
    const method: unknown = owner && Reflect.get(owner, name)
    return typeof method === 'function' ? [[name, method.bind(owner)] as const] : []
  })
  const signer: ClientEvmSigner = {
    address: account.address,
    signTypedData: (typedData) => account.signTypedData(typedData),
    ...Object.fromEntries(abilities),
  }
  // Not enumerable: who copies or prints the signer isn't shown a client with its addresses.
  return Object.defineProperty(signer, CHAIN, typeof publicClient.request === 'function' ? { value: publicClient } : {})
}

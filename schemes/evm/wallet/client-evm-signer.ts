import { fail } from '../../../src/errors/fail.js'
import { ACCOUNT_CANNOT_SIGN } from '../errors.js'
import type { Hex } from '../hex.js'
import type { EvmAccount } from './signer.js'

type ReadContract = (args: {
  address: Hex
  abi: readonly unknown[]
  functionName: string
  args?: readonly unknown[]
}) => Promise<unknown>

type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/** What `@x402/evm` signs with: an account, and what it may be able to do beside. The schemes of pay402 need the account alone. */
export type ClientEvmSigner = EvmAccount & {
  readonly address: Hex
  /** Reads a contract. */
  readonly readContract?: ReadContract | undefined
  /** Signs a transaction without sending it. */
  readonly signTransaction?:
    | ((transaction: { to: Hex; data: Hex; nonce: number; gas: bigint; chainId: number } & Fees) => Promise<Hex>)
    | undefined
  readonly getTransactionCount?: ((args: { address: Hex }) => Promise<number>) | undefined
  readonly estimateFeesPerGas?: (() => Promise<Fees>) | undefined
}

/** What can be asked about a chain, such as a viem `PublicClient`. */
export type EvmReader = Partial<Pick<ClientEvmSigner, 'readContract' | 'getTransactionCount' | 'estimateFeesPerGas'>>

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
 * @param publicClient - Does what the account can't.
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
  return {
    address: account.address,
    signTypedData: (typedData) => account.signTypedData(typedData),
    ...Object.fromEntries(abilities),
  }
}

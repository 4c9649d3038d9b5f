import type { Network } from '../../../src/wire/network.js'
import type { Hex } from '../hex.js'
import type { TransactionSender } from '../wallet/sender.js'

/**
 * Lets Permit2 take a token of the account that sends, which a payment through Permit2 needs once. It costs gas, and replaces what was
 * allowed before.
 *
 * What Permit2 may take still needs a signature for each payment. `amount: 0n` ends the allowance.
 *
 * @example
 * ```ts no-run needs a wallet with ether
 * import { createWalletClient, http } from 'viem'
 * import { base } from 'viem/chains'
 *
 * const wallet = createWalletClient({ account, chain: base, transport: http() })
 * await approvePermit2(wallet, {
 *   network: 'eip155:8453',
 *   asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
 *   amount: 5_000_000n, // 5 USDC
 * })
 * ```
 *
 * @param wallet - Sends the transaction: a viem `WalletClient` of the account that pays, or anything with `sendTransaction`.
 * @param approval - How much of which token.
 * @returns The hash of the transaction, which isn't mined yet.
 * @throws {@link ConfigurationError} `INVALID_OPTION`, what the wallet throws, and {@link X402Error} `APPROVAL_FAILED` when its answer isn't
 *   a hash.
 */
export async function approvePermit2(
  wallet: TransactionSender,
  approval: approvePermit2.Options,
): Promise<{ transaction: Hex }> {
  const { sendApproval } = await import('./sent-approval.js')
  return sendApproval(wallet, approval)
}

export declare namespace approvePermit2 {
  /** Which token Permit2 may take, and how much of it. */
  type Options = {
    /** The chain: `eip155:<chain id>`. */
    network: Network
    /** The token's contract. */
    asset: string
    /** Most that may be taken in all, in atomic units. `'unlimited'` is an allowance without end, until it is replaced. */
    amount: bigint | 'unlimited'
  }
}

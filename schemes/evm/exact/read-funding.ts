import type { Funding } from '../../../src/scheme.js'
import { createEvmChain } from '../evm-chain.js'
import { createEvmRpc } from '../evm-rpc.js'
import type { Hex } from '../hex.js'
import type { RpcSource } from '../read-rpc-sources.js'
import { readBalance } from './eip3009-token.js'
import type { Terms } from './read-terms.js'

/** How long a payment waits for a balance, in milliseconds: it is a courtesy, and the payment goes on without it. */
export const FUNDING_TIMEOUT_MS = 3_000

/**
 * Whether `payer` holds what the terms ask, by the first source that answers.
 *
 * @returns `unknown` when none does, whatever the reason.
 */
export async function readFunding(
  sources: readonly RpcSource[],
  { chainId, asset, amount }: Terms,
  payer: Hex,
): Promise<Funding> {
  const chains = sources.map((source) => createEvmChain(createEvmRpc(source, FUNDING_TIMEOUT_MS), chainId))
  try {
    const balance = await Promise.any(chains.map((chain) => readBalance(chain, asset, payer)))
    return balance >= BigInt(amount) ? 'enough' : 'short'
  } catch {
    return 'unknown' // no source answered, or there is none, and nothing was learned of the balance
  }
}

import type { Funding } from '../../../src/payment/scheme.js'
import { createEvmChain } from '../chain/chain.js'
import { createEvmRpc } from '../chain/rpc.js'
import type { RpcSource } from '../chain/rpc-sources.js'
import { type Hex, toWord } from '../hex.js'
import type { Transfer } from '../transfer.js'

/** `balanceOf(address)`, hashed, its first four bytes. Source: EIP-20. */
export const BALANCE_OF = '0x70a08231'

/** How long a payment waits for a balance, in milliseconds: it is a courtesy, and the payment goes on without it. */
export const FUNDING_TIMEOUT_MS = 3_000

/**
 * Whether `payer` holds what the terms ask, by the first source that answers.
 *
 * @returns `unknown` when none does, whatever the reason.
 */
export async function readFunding(
  sources: readonly RpcSource[],
  { chainId, asset, amount }: Pick<Transfer, 'chainId' | 'asset' | 'amount'>,
  payer: Hex,
): Promise<Funding> {
  const chains = sources.map((source) => createEvmChain(createEvmRpc(source, FUNDING_TIMEOUT_MS), chainId))
  try {
    const balance = await Promise.any(
      chains.map((chain) => chain.readWord(asset, `${BALANCE_OF}${toWord(payer)}`, 'latest')),
    )
    return balance >= BigInt(amount) ? 'enough' : 'short'
  } catch {
    return 'unknown' // no source answered, or there is none, and nothing was learned of the balance
  }
}

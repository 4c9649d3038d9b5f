import type { Network } from '../../../src/wire/network.js'
import type { RpcSource } from '../chain/rpc-sources.js'

/**
 * How much of a token Permit2 may take from an account.
 *
 * @example
 * ```ts no-run needs a chain
 * await permit2Allowance({
 *   rpc: 'https://mainnet.base.org',
 *   network: 'eip155:8453',
 *   asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
 *   owner: account.address,
 * })
 * ```
 *
 * @param of - Whose allowance of which token, and whom to ask.
 * @returns Atomic units.
 * @throws {@link ConfigurationError} `INVALID_OPTION`, and {@link X402Error} `RPC_FAILED` and its like when the chain can't be asked.
 */
export async function permit2Allowance(of: permit2Allowance.Options): Promise<bigint> {
  const { readAllowance } = await import('./asked-allowance.js')
  return readAllowance(of)
}

export declare namespace permit2Allowance {
  /** Whose allowance of which token is read. */
  type Options = {
    /** Whom to ask: the URL of a JSON-RPC, or an object with EIP-1193's `request`. */
    rpc: RpcSource
    /** The chain: `eip155:<chain id>`. A source of another chain is found out. */
    network: Network
    /** The token's contract. */
    asset: string
    /** The account that pays. */
    owner: string
  }
}

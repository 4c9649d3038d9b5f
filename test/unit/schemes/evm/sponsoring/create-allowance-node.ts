import { hashDomain } from '../../../../../schemes/evm/wallet/typed-data.js'
import { createPermit2Terms } from '../permit2/permit2-terms.js'
import { type RpcCall, type RpcHandler, refuse } from '../start-rpc.js'

/** What the node of a chain answers about one account and its token. */
export type AllowanceNode = {
  /** @default 0n */
  allowance?: bigint | undefined
  /** `undefined` for a token without EIP-2612. @default 3n, as in the vector */
  permitNonce?: bigint | undefined
  /** Name and version of the token's domain. @default those of the vector */
  domain?: { name: string; version: string } | undefined
  /** In wei. @default what the vector's transaction comes from */
  baseFee?: bigint | undefined
  priorityFee?: bigint | undefined
  /** Written over the answers. */
  instead?: ((call: RpcCall) => unknown) | undefined
}

/** Answers as the node of Base Sepolia does. */
export function createAllowanceNode(node: AllowanceNode = {}): RpcHandler {
  const { allowance = 0n, domain = { name: 'USDC', version: '2' }, instead } = node
  const { baseFee = 999_500_000n, priorityFee = 1_000_000n } = node
  const permitNonce = 'permitNonce' in node ? node.permitNonce : 3n
  const { asset } = createPermit2Terms('exact-permit2')
  const calls: Record<string, () => unknown> = {
    '0xdd62ed3e': () => word(allowance),
    '0x7ecebe00': () => (permitNonce === undefined ? refuse(3) : word(permitNonce)),
    '0x3644e515': () => hashDomain({ ...domain, chainId: 84_532, verifyingContract: asset as `0x${string}` }),
  }
  const answers: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_chainId: () => '0x14a34',
    eth_call: ([call]) => calls[String(Reflect.get(new Object(call), 'data')).slice(0, 10)]?.() ?? refuse(),
    eth_getTransactionCount: () => '0x7',
    eth_getBlockByNumber: () => ({ number: '0x1', timestamp: '0x1', baseFeePerGas: quantity(baseFee) }),
    eth_maxPriorityFeePerGas: () => quantity(priorityFee),
  }
  return (call) => instead?.(call) ?? answers[call.method]?.(call.params) ?? null
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`
}

function quantity(value: bigint): string {
  return `0x${value.toString(16)}`
}

import { type Hex, pad, toEventSelector } from 'viem'
import { z } from 'zod'
import { type RpcCall, type RpcHandler, refuse } from '../start-rpc.js'
import { createTerms } from './terms.js'

/** The authorization that a node of {@link createTokenNode} is asked about. */
export const described = {
  payer: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A',
  payTo: createTerms().payTo,
  asset: createTerms().asset,
  amount: 10_000n,
  validUntilSeconds: 1_750_000_600,
  nonce: `0x${'a1'.repeat(32)}`,
} as const

/** The time of the first block, in seconds. Blocks come every two seconds. */
const GENESIS = 1_749_000_000

/** The hash of the transaction that used the authorization up. */
export const transaction: Hex = `0x${'cd'.repeat(32)}`

/** The first block later than the end of {@link described}. */
export const LAST = (described.validUntilSeconds - GENESIS) / 2 + 1

/** What the node of a chain like Base answers about one authorization. Times are block numbers. */
export type TokenNode = {
  latest: number
  /** What each tag means; a tag that isn't named is refused. */
  final?: { finalized?: number; safe?: number } | undefined
  used?: { at: number; by: 'AuthorizationUsed' | 'AuthorizationCanceled' } | undefined
  /** @default 84532 */
  chainId?: number | undefined
  /** Blocks before this one have no state any more. */
  statesSince?: number | undefined
  /** Written over the answers. */
  instead?: ((call: RpcCall) => unknown) | undefined
}

/** Answers as the node of such a chain does. */
export function createTokenNode(node: TokenNode): RpcHandler {
  const { latest, final = { finalized: latest - 400 }, used, chainId = 84_532, statesSince = 0, instead } = node
  const heights: Record<string, number | undefined> = { latest, ...final }
  const toNumber = (block: unknown) => heights[String(block)] ?? (String(block).startsWith('0x') ? Number(block) : -1)
  const answers: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_chainId: () => hex(chainId),
    eth_getBlockByNumber: ([block]) => {
      const number = toNumber(block)
      if (number > latest && !(String(block) in heights)) return null
      return number < 0
        ? refuse(-32_602)
        : { number: hex(number), timestamp: hex(GENESIS + 2 * number), hash: transaction }
    },
    eth_call: ([, block]) => {
      const number = toNumber(block)
      if (number < statesSince || number > latest) return refuse()
      return pad(hex(used !== undefined && used.at <= number ? 1 : 0))
    },
    eth_getLogs: ([filter]) => {
      const { fromBlock, toBlock } = z
        .object({ fromBlock: z.coerce.number(), toBlock: z.coerce.number() })
        .parse(filter)
      if (toBlock - fromBlock > 2_000) return refuse(-32_005)
      return used === undefined || used.at < fromBlock || used.at > toBlock ? [] : [toLog(used)]
    },
  }
  return (call) => instead?.(call) ?? answers[call.method]?.(call.params) ?? null
}

/** The event of an end, as nodes write it. */
export function toLog({ at, by }: NonNullable<TokenNode['used']>) {
  return {
    address: described.asset.toLowerCase(),
    topics: [toEventSelector(`${by}(address,bytes32)`), pad(described.payer).toLowerCase(), described.nonce],
    data: '0x',
    blockNumber: hex(at),
    transactionHash: transaction,
    removed: false,
  }
}

function hex(value: number): Hex {
  return `0x${value.toString(16)}`
}

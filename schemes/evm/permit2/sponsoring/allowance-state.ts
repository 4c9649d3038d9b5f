import { isJsonObject } from '../../../../src/wire/json.js'
import { askInOneBatch, type EvmAnswer } from '../../chain/batch.js'
import { assertChainId, malformedAnswer, readHash, readQuantity } from '../../chain/chain.js'
import type { EvmRequest, RpcSource } from '../../chain/rpc-sources.js'
import { type Hex, toWord } from '../../hex.js'
import { PERMIT2 } from '../contracts.js'
import { encodeNonceQuestion, isInBitmap, type Permit2Nonce } from '../nonce.js'

/** How long a payment waits for a chain, in milliseconds. */
const ALLOWANCE_TIMEOUT_MS = 3_000

// First four bytes of the Keccak-256 of the signature. Sources: EIP-20, EIP-2612. The tests hash them anew.
/** `allowance(address,address)` */
const ALLOWANCE = '0xdd62ed3e'
/** `nonces(address)` */
const NONCES = '0x7ecebe00'
/** `DOMAIN_SEPARATOR()` */
const DOMAIN_SEPARATOR = '0x3644e515'

/** What a chain says of an account, as far as an allowance needs it. */
export type AllowanceState = {
  /** What Permit2 may take now, in atomic units. */
  readonly allowance: bigint
  /** `undefined` where the token has no EIP-2612. */
  readonly permit: { readonly nonce: bigint; readonly separator: Hex } | undefined
  /** `undefined` where the chain has no fees as EIP-1559 says. */
  readonly approval: { readonly nonce: number; readonly baseFee: bigint; readonly priorityFee: bigint } | undefined
  /** Which of the payments that were asked about Permit2 has seen, in their order; `undefined` where the source doesn't tell. */
  readonly isUsed: readonly (boolean | undefined)[]
}

/** Whose allowance of which token, and which payments may have been settled meanwhile. */
export type AllowanceQuestion = {
  readonly chainId: number
  readonly asset: Hex
  readonly owner: Hex
  readonly payments: readonly Permit2Nonce[]
}

/**
 * Asks every source at once, each in one round trip, and takes the first answer: one that lies has an allowance signed that isn't
 * needed, or one that fails, and never one for more.
 *
 * @throws {@link AggregateError} when no source answers.
 */
export function readAllowanceState(
  sources: readonly RpcSource[],
  question: AllowanceQuestion,
  timeoutMs = ALLOWANCE_TIMEOUT_MS,
): Promise<AllowanceState> {
  return Promise.any(sources.map((source) => askOne(source, question, timeoutMs)))
}

async function askOne(source: RpcSource, question: AllowanceQuestion, timeoutMs: number): Promise<AllowanceState> {
  const { chainId, asset, owner, payments } = question
  const call = (data: Hex, to = asset): EvmRequest => ({ method: 'eth_call', params: [{ to, data }, 'latest'] })
  const [id, allowance, permitNonce, separator, nonce, block, priorityFee, ...bitmaps] = await askInOneBatch(
    source,
    [
      { method: 'eth_chainId' },
      call(`${ALLOWANCE}${toWord(owner)}${toWord(PERMIT2)}`),
      call(`${NONCES}${toWord(owner)}`),
      call(DOMAIN_SEPARATOR),
      { method: 'eth_getTransactionCount', params: [owner, 'pending'] },
      { method: 'eth_getBlockByNumber', params: ['latest', false] },
      { method: 'eth_maxPriorityFeePerGas' },
      ...payments.map((payment) => call(encodeNonceQuestion(payment), PERMIT2)),
    ],
    timeoutMs,
  )
  assertChainId(take(id), chainId)
  return {
    allowance: BigInt(readHash(take(allowance))),
    permit: attempt(() => ({ nonce: BigInt(readHash(take(permitNonce))), separator: readHash(take(separator)) })),
    approval: attempt(() => ({
      nonce: readQuantity(take(nonce)),
      baseFee: readBaseFee(take(block)),
      priorityFee: readWei(take(priorityFee)),
    })),
    isUsed: payments.map((payment, index) =>
      attempt(() => isInBitmap(payment, BigInt(readHash(take(bitmaps[index]))))),
    ),
  }
}

function take(answer: EvmAnswer | undefined): unknown {
  if (answer === undefined) throw malformedAnswer()
  if ('error' in answer) throw answer.error
  return answer.value
}

/** A token without a function, or a chain without a method, is no failure of the source. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined // and the caller says what can't be signed for want of it
  }
}

function readBaseFee(block: unknown): bigint {
  if (!isJsonObject(block)) throw malformedAnswer()
  return readWei(block['baseFeePerGas'])
}

function readWei(value: unknown): bigint {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]{1,32}$/.test(value)) return BigInt(value)
  throw malformedAnswer()
}

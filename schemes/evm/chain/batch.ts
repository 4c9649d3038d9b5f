import { X402Error } from '../../../src/errors/x402-error.js'
import { isJsonObject, parseJsonObject } from '../../../src/wire/json.js'
import { createEvmRpc, fetchRpcText, readRpcResult } from './rpc.js'
import type { EvmRequest, RpcSource } from './rpc-sources.js'

/** One answer of a batch: what a node says, or why it doesn't. */
export type EvmAnswer = { readonly value: unknown } | { readonly error: X402Error }

/**
 * Asks one source several things in one round trip: over HTTP as one JSON-RPC batch, and an EIP-1193 provider at once, since that
 * has no batches of its own. A node that takes no batches is asked for each by itself, at once.
 *
 * @param timeoutMs - How long the answers may take.
 * @returns An answer for each request, in their order.
 * @throws {@link X402Error} `RPC_FAILED` when the source can't be reached.
 */
export async function askInOneBatch(
  source: RpcSource,
  requests: readonly EvmRequest[],
  timeoutMs: number,
): Promise<readonly EvmAnswer[]> {
  const batched = typeof source === 'string' ? await post(new URL(source), requests, timeoutMs) : undefined
  if (batched !== undefined) return batched
  const rpc = createEvmRpc(source, timeoutMs)
  return Promise.all(requests.map((request) => settle(() => rpc(request))))
}

/** Source: JSON-RPC 2.0, section 6: the answers may come in any order. */
async function post(url: URL, requests: readonly EvmRequest[], timeoutMs: number): Promise<EvmAnswer[] | undefined> {
  const bodies = requests.map((request, id) => ({ jsonrpc: '2.0', id, params: [], ...request }))
  const text = await fetchRpcText(url, JSON.stringify(bodies), timeoutMs)
  // As a member of an object, which is what JSON from outside is read as here.
  const read = parseJsonObject(`{"answers":${text}}`)
  const answers = 'problem' in read ? undefined : read.value['answers']
  if (!Array.isArray(answers)) return undefined
  return Promise.all(bodies.map(({ id }) => settle(async () => readRpcResult(findAnswer(answers, id), url.host))))
}

function findAnswer(answers: readonly unknown[], id: number) {
  return answers.filter(isJsonObject).find((answer) => answer['id'] === id) ?? {}
}

async function settle(ask: () => Promise<unknown>): Promise<EvmAnswer> {
  try {
    return { value: await ask() }
  } catch (error) {
    if (error instanceof X402Error) return { error }
    throw error
  }
}

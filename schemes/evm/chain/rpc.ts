import { fail } from '../../../src/errors/fail.js'
import { X402Error } from '../../../src/errors/x402-error.js'
import { isJsonObject, type JsonObject, parseJsonObject } from '../../../src/wire/json.js'
import { nameOf, postJsonRpc } from '../../json-rpc/json-rpc.js'
import { RPC_FAILED, RPC_REFUSED } from './errors.js'
import type { EvmProvider, EvmRequest, RpcSource } from './rpc-sources.js'

/** How long one answer may take, in milliseconds. Nodes answer in well under a second; ten are for a tired public one. */
export const RPC_TIMEOUT_MS = 10_000

/**
 * Asks one source. Its answer is not trusted yet.
 *
 * @throws {@link X402Error} `RPC_REFUSED` when the source answered that it won't, `RPC_FAILED` when it didn't answer.
 */
export type EvmRpc = (request: EvmRequest) => Promise<unknown>

/**
 * Creates the way to ask one source.
 *
 * Its errors name the host and a reason in our own words. They have no `cause`, since platforms and libraries write the whole URL into
 * theirs, and with it the API key.
 *
 * @param source - Read by `readRpcSources`.
 * @param timeoutMs - How long one answer may take, its body included.
 */
export function createEvmRpc(source: RpcSource, timeoutMs = RPC_TIMEOUT_MS): EvmRpc {
  return typeof source === 'string'
    ? (request) => post(new URL(source), request, timeoutMs)
    : (request) => ask(source, request, timeoutMs)
}

/** Whether a source answered that it won't, as for a block tag that it doesn't know. */
export function isRefusal(error: unknown): boolean {
  return error instanceof X402Error && error.code === 'RPC_REFUSED'
}

async function ask(provider: EvmProvider, request: EvmRequest, timeoutMs: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(failed('provider', 'TimeoutError')), timeoutMs)
  })
  try {
    return await Promise.race([provider.request(request), overdue])
  } catch (error) {
    if (error instanceof X402Error) throw error
    // Source: EIP-1193, "Errors": a refusal has an integer code.
    const code = isJsonObject(error) ? error['code'] : undefined
    throw Number.isInteger(code) ? refused('provider', Number(code)) : failed('provider', nameOf(error))
  } finally {
    clearTimeout(timer)
  }
}

async function post(url: URL, request: EvmRequest, timeoutMs: number): Promise<unknown> {
  const text = await fetchRpcText(url, JSON.stringify({ jsonrpc: '2.0', id: 1, params: [], ...request }), timeoutMs)
  const read = parseJsonObject(text)
  if ('problem' in read) throw failed(url.host, 'its answer is not a JSON object')
  return readRpcResult(read.value, url.host)
}

/**
 * Reads one answer of a node.
 *
 * Source: JSON-RPC 2.0, section 5.
 */
export function readRpcResult({ error, result }: JsonObject, host: string): unknown {
  if (isJsonObject(error)) throw refused(host, Number(error['code']))
  if (result === undefined) throw failed(host, 'its answer has no result')
  return result
}

/** Asks a node over HTTP. */
export async function fetchRpcText(url: URL, body: string, timeoutMs: number): Promise<string> {
  const answer = await postJsonRpc(url, body, timeoutMs)
  if ('value' in answer) return answer.value
  throw failed(url.host, 'status' in answer ? `it answered with status ${answer.status}` : answer.problem)
}

function failed(host: string, reason: string): X402Error {
  return fail(RPC_FAILED, { facts: { source: host, reason } })
}

function refused(host: string, code: number): X402Error {
  return fail(RPC_REFUSED, { facts: { source: host, code: String(code) } })
}

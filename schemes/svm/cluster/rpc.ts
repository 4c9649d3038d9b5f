import { fail } from '../../../src/errors/fail.js'
import { X402Error } from '../../../src/errors/x402-error.js'
import { isJsonObject, parseJsonObject } from '../../../src/wire/json.js'
import { nameOf, postJsonRpc } from '../../json-rpc/json-rpc.js'
import { RPC_FAILED, RPC_RATE_LIMITED, RPC_REFUSED } from '../errors.js'
import type { RpcSource, SvmMethod, SvmRpcClient } from '../rpc-sources.js'

/** How long one answer may take, in milliseconds. Nodes answer in well under a second, and a payment waits for it. */
const RPC_TIMEOUT_MS = 5_000

/**
 * Asks one source. Its answer is not trusted yet.
 *
 * @throws {@link X402Error} `RPC_RATE_LIMITED` when the source wants fewer questions or another asker, `RPC_REFUSED` when it answered
 *   that it won't, `RPC_FAILED` when it didn't answer.
 */
export type SvmRpc = (method: SvmMethod, parameters: readonly unknown[]) => Promise<unknown>

/**
 * Creates the way to ask one source.
 *
 * Its errors name the host and a reason in our own words. They have no `cause`, since platforms and libraries write the whole URL into
 * theirs, and with it the API key.
 *
 * @param source - Read by `readRpcSources`.
 * @param timeoutMs - How long one answer may take, its body included.
 */
export function createSvmRpc(source: RpcSource, timeoutMs = RPC_TIMEOUT_MS): SvmRpc {
  return typeof source === 'string'
    ? (method, parameters) => post(new URL(source), method, parameters, timeoutMs)
    : (method, parameters) => ask(source, method, parameters, timeoutMs)
}

async function ask(
  client: SvmRpcClient,
  method: SvmMethod,
  parameters: readonly unknown[],
  timeoutMs: number,
): Promise<unknown> {
  const abortSignal = AbortSignal.timeout(timeoutMs)
  try {
    const request: unknown = Reflect.apply(Reflect.get(client, method), client, parameters)
    const send = isJsonObject(request) ? request['send'] : undefined
    if (typeof send !== 'function') throw failed('client', `it has no ${method}`)
    return await Promise.race([Reflect.apply(send, request, [{ abortSignal }]), overdue(abortSignal)])
  } catch (error) {
    throw error instanceof X402Error ? error : toClientError(error)
  }
}

/** Source: @solana/errors: an HTTP status, or the code of a JSON-RPC error, is in the context. */
function toClientError(error: unknown): X402Error {
  const context = isJsonObject(error) ? error['context'] : undefined
  const { statusCode, __code: code } = isJsonObject(context) ? context : {}
  if (isLimit(statusCode)) return rateLimited('client', statusCode)
  if (typeof statusCode === 'number') return failed('client', `it answered with status ${statusCode}`)
  return typeof code === 'number' && code < 0 ? refused('client', code) : failed('client', nameOf(error))
}

/** For clients that don't listen to the signal. */
function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(failed('client', 'TimeoutError')), { once: true })
  })
}

/** Source: JSON-RPC 2.0, section 5. */
async function post(url: URL, method: SvmMethod, params: readonly unknown[], timeoutMs: number): Promise<unknown> {
  const text = await fetchText(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), timeoutMs)
  const read = parseJsonObject(text)
  if ('problem' in read) throw failed(url.host, 'its answer is not a JSON object')
  const { error, result } = read.value
  if (isJsonObject(error)) {
    const code = Number(error['code'])
    throw isLimit(code) ? rateLimited(url.host, code) : refused(url.host, code)
  }
  if (result === undefined) throw failed(url.host, 'its answer has no result')
  return result
}

async function fetchText(url: URL, body: string, timeoutMs: number): Promise<string> {
  const answer = await postJsonRpc(url, body, timeoutMs)
  if ('value' in answer) return answer.value
  if ('problem' in answer) throw failed(url.host, answer.problem)
  const { status } = answer
  throw isLimit(status) ? rateLimited(url.host, status) : failed(url.host, `it answered with status ${status}`)
}

/** Too many questions, or an asker that isn't let in: public endpoints answer 403 to whole networks of servers. */
function isLimit(status: unknown): status is number {
  return status === 429 || status === 403
}

function rateLimited(host: string, status: number): X402Error {
  return fail(RPC_RATE_LIMITED, { words: { host }, facts: { source: host, status: String(status) } })
}

function failed(host: string, reason: string): X402Error {
  return fail(RPC_FAILED, { words: { host }, facts: { source: host, reason } })
}

function refused(host: string, code: number): X402Error {
  return fail(RPC_REFUSED, { words: { host }, facts: { source: host, code: String(code) } })
}

import type { Decoded } from '../../src/wire/json.js'

/** Most that one answer may hold. A receipt of a large bundle has some 100 kB, a thousand signatures with memos some 400 kB. */
export const MAX_RPC_ANSWER_BYTES = 2 * 1024 * 1024

/** What a node answered: its text, or why there is none, in our own words; or a status that isn't a success. */
export type RpcResponse = Decoded<string> | { readonly status: number }

/**
 * Asks a node over HTTP. A failure is told and not thrown, since each family of chains has errors of its own.
 *
 * What is told never holds what the platform says of the failure, which has the whole URL in it, and with it the API key.
 *
 * @param body - A question that changes nothing, since it may be asked twice.
 * @param timeoutMs - How long the answer may take, its body included.
 */
export async function postJsonRpc(url: URL, body: string, timeoutMs: number): Promise<RpcResponse> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    // Nodes close connections that were idle, and a busy process sees that only once it has written its question on one. Platforms
    // don't repeat a POST by themselves.
    const response = await post(url, body, signal).catch(() => post(url, body, signal))
    if (response.ok) return await readText(response)
    await response.body?.cancel()
    return { status: response.status }
  } catch (error) {
    return { problem: nameOf(error) }
  }
}

function post(url: URL, body: string, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal,
    cache: 'no-store',
    credentials: 'omit',
    // A redirect would carry the question, and perhaps the key, elsewhere.
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  })
}

async function readText({ body }: Response): Promise<Decoded<string>> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let length = 0
  while (true) {
    const chunk = await reader?.read()
    if (chunk === undefined || chunk.done) return { value: text + decoder.decode() }
    length += chunk.value.length
    text += decoder.decode(chunk.value, { stream: true })
    if (length <= MAX_RPC_ANSWER_BYTES) continue
    await reader?.cancel()
    return { problem: `its answer is longer than ${MAX_RPC_ANSWER_BYTES} bytes` }
  }
}

/** What may be told of a failure: the name of its kind. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'no error object'
}

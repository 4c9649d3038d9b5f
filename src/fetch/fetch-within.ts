/**
 * Sends the unpaid request, and gives up when no answer came in time. Without a time the given arguments go through untouched.
 *
 * What follows the head of the answer is the caller's to wait for.
 *
 * @throws What `fetch` throws, and a `TimeoutError` as the platform's own; nothing was signed.
 */
export async function fetchWithin(
  fetch: typeof globalThis.fetch,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  milliseconds: number | undefined,
): Promise<Response> {
  if (milliseconds === undefined) return fetch(input, init)
  const timeout = new AbortController()
  const reason = new DOMException('The request was not answered in time; nothing was paid.', 'TimeoutError')
  const timer = setTimeout(() => timeout.abort(reason), milliseconds)
  const own = init?.signal ?? (input instanceof Request ? input.signal : undefined)
  const signal = own === undefined ? timeout.signal : AbortSignal.any([own, timeout.signal])
  try {
    return await fetch(input, { ...init, signal })
  } finally {
    clearTimeout(timer)
  }
}

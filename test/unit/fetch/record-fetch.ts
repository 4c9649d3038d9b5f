/** One call of a fetch, as it was called. */
export type FetchCall = { readonly input: RequestInfo | URL; readonly init: RequestInit | undefined }

/** A fetch that keeps what it was called with, and then calls another. */
export function recordFetch(send: typeof fetch = fetch) {
  const calls: FetchCall[] = []
  const recorded: typeof fetch = (input, init) => {
    calls.push({ input, init })
    return send(input, init)
  }
  return { fetch: recorded, calls }
}

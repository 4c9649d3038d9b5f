import { type Payer, PREPAY, REACH } from '../client/payer.js'
import type { BoundedRequest } from '../http/reaching-fetch.js'
import { anySignal, createDeadline } from '../payment/abort.js'
import { loadPart } from '../payment/part.js'
import { type FetchCall, takeBody, toTarget } from './exchange.js'
import { copyInit, copyInput } from './request-init.js'

/** A call that has no answer yet. */
export type FirstRequest = Omit<BoundedRequest, 'fetch'>

/**
 * Sends the unpaid request, and gives up when no answer came in time. Without a time, and through a client that may ask anywhere, the given
 * arguments go through untouched.
 *
 * What follows the head of the answer is the caller's to wait for.
 *
 * @throws What `fetch` throws, and a `TimeoutError` as the platform's own; nothing was signed. {@link LimitError} `HOST_OUT_OF_REACH`.
 */
export function sendFirst(
  fetch: typeof globalThis.fetch,
  client: Payer,
  { input, init, kept, replay }: FirstRequest,
  milliseconds: number | undefined,
): Promise<Response> {
  const send = client[REACH] === undefined ? fetch : boundFetch(fetch, client, { kept, replay })
  return milliseconds === undefined ? send(input, init) : sendBefore(send, input, init, milliseconds)
}

/** Asks what the client may ask, and nothing else. */
function boundFetch(
  fetch: typeof globalThis.fetch,
  client: Payer,
  keeping: Pick<FirstRequest, 'kept' | 'replay'>,
): typeof fetch {
  return async (input, init) => {
    // What was checked is what is sent, whatever becomes of the caller's objects meanwhile.
    const call = { ...keeping, fetch, input: copyInput(input), init: copyInit(init) }
    const { fetchWithinReach } = await loadPart(import('../http/reaching-fetch.js'))
    return fetchWithinReach(call, (url) => client[REACH]?.(url))
  }
}

async function sendBefore(
  fetch: typeof globalThis.fetch,
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  milliseconds: number,
): Promise<Response> {
  const deadline = createDeadline(milliseconds, 'The request was not answered in time; nothing was paid.')
  const own = init?.signal ?? (input instanceof Request ? input.signal : undefined)
  try {
    return await fetch(input, { ...copyInit(init), signal: anySignal(own, deadline?.signal) ?? null })
  } finally {
    deadline?.clear()
  }
}

/** A call that may be paid for, and its first request. */
type PreparedCall = {
  readonly call: FetchCall
  readonly first: FirstRequest
  /** A route names it that may be prepaid. */
  readonly isNamed: boolean
}

/**
 * Gives a call that a route names an address, headers and a body of its own: what it sends isn't read before something was waited for, and it's what
 * the call was made with. Those of any other call are the caller's, and the platform reads them at once.
 *
 * @param first - With the caller's own arguments.
 */
export function prepareCall(client: Payer, call: FetchCall, first: FirstRequest): PreparedCall {
  if (client[PREPAY]?.names(toTarget(call, undefined)) !== true) return { call, first, isNamed: false }
  const { input, init, kept } = call
  const snapshot = kept === undefined ? takeBody(call) : undefined
  if (snapshot?.body === undefined) return { call, first: { ...first, input, init }, isNamed: true }
  const own = { ...init, body: snapshot.body }
  return { call: { ...call, snapshot, init: own }, first: { ...first, input, init: own }, isNamed: true }
}

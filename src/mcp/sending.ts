import { isJsonObject, type JsonObject } from '../wire/json.js'
import { guardTransport } from './guarded-transport.js'
import type { McpRequest } from './request.js'
import type { McpTarget } from './server.js'
import { readUnpaidError, readUnpaidResult, type Unpaid } from './unpaid.js'
import { markParams, type Seen, unwatch, watchTransport } from './watched-transport.js'

/** What one request came to: the SDK's own result, or what it threw. */
export type Answer = {
  /** What the caller is given, or what is thrown. */
  readonly native: object
  readonly isThrown: boolean
  /** The result as the server wrote it; `undefined` when there is none. */
  readonly result: JsonObject | undefined
  /** Whether the server itself responded with an error of JSON-RPC, so that nothing was lost on the way. */
  readonly isServerError: boolean
  readonly unpaid: Unpaid | undefined
  /** Whether it was seen to leave through the transport that the client had. */
  readonly isWatched: boolean
  /** Whether the fetch of the transport paid for it. */
  readonly isPaidBelow: boolean
  /** Whether a redirect led it to another origin, which responded. */
  readonly isElsewhere: boolean
}

/** What a request is sent with, in place of the caller's own. */
export type SentWith = {
  readonly params: unknown
  /** Of a request that carries a payment: it has to leave, whatever the caller's options say. */
  readonly signal?: AbortSignal | undefined
  /** Added to the params only where they leave through the transport that the client has now. */
  readonly payment?: unknown
}

/**
 * Sends a request by the method that the caller called, so that all that the SDK does for it is done.
 *
 * @param target - The MCP client.
 * @param request - What was called.
 * @param sent - The params to send, and what goes with a payment.
 */
export async function send(target: McpTarget, request: McpRequest, sent: SentWith): Promise<Answer> {
  const { transport } = target
  watchTransport(transport)
  guardTransport(transport)
  const seen: Seen = { transport, payment: sent.payment }
  try {
    const native: unknown = await Reflect.apply(Reflect.get(target, request.call) as () => unknown, target, [
      ...toArguments(request, seen, sent),
    ]) // asserted when the client was wrapped
    return toAnswer(native, false, seen)
  } catch (error) {
    return toAnswer(error, true, seen)
  } finally {
    unwatch(transport, seen)
  }
}

function toArguments(
  { call, args, optionsAt }: McpRequest,
  seen: Seen,
  { params, signal }: SentWith,
): readonly unknown[] {
  const marked = typeof params === 'object' && params !== null ? markParams(params, seen) : params
  if (signal === undefined) return [marked, ...args.slice(1)]
  const given = args[optionsAt]
  const options = isJsonObject(given) ? given : {}
  // Both would have the SDK take a response of before in place of one to the payment: a stream that it resumes, or a resource that it kept.
  const cacheMode = call === 'readResource' && options['cacheMode'] !== 'bypass' ? { cacheMode: 'refresh' } : {}
  const own = { ...options, ...cacheMode, resumptionToken: undefined, signal }
  return [marked, ...Array.from({ length: optionsAt - 1 }, (_, index) => args[index + 1]), own]
}

/** Where the transport could not be watched, terms are read of what the SDK lets through. */
function toAnswer(native: unknown, isThrown: boolean, seen: Seen): Answer {
  const raw = seen.result ?? (isThrown ? undefined : native)
  const read = isThrown ? readUnpaidError : readUnpaidResult
  const unpaid = seen.unpaid ?? read(native)
  // The SDK was told of an error in place of terms that came as a result: that result is what the caller knows how to read.
  const isWithheld = seen.unpaid !== undefined && isToolError(seen.result)
  return {
    native: isWithheld ? (seen.result as object) : new Object(native), // an object, as isToolError says
    isThrown: isThrown && !isWithheld,
    result: isJsonObject(raw) ? raw : undefined,
    isServerError: seen.isError === true,
    unpaid,
    isWatched: seen.hasLeft === true,
    isPaidBelow: seen.isPaidBelow === true,
    isElsewhere: seen.isElsewhere === true,
  }
}

function isToolError(result: unknown): boolean {
  return isJsonObject(result) && result['isError'] === true
}

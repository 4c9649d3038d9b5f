import { prepayListed, REACH } from '../client/payer.js'
import type { X402Error } from '../errors/x402-error.js'
import type { Envelope } from '../wire/challenge.js'
import { isJsonObject } from '../wire/json.js'
import { createPayableRequest, type McpCall } from './exchange.js'
import { guardTransport, isDiverted } from './guarded-transport.js'
import type { McpDoor } from './paid-call.js'
import { watchTransport } from './watched-transport.js'

/**
 * Pays for a call before its server asks for it, where its price is known, and where a payment may be sent unasked. Loaded with the first call that a
 * route names.
 *
 * @returns What the call bought; the error that refused it before anything was sent; `undefined` when the server has to be asked.
 * @throws What `callPaid` throws, once something was sent.
 */
export async function prepay(door: McpDoor, call: McpCall): Promise<object | X402Error | undefined> {
  const { client, gate } = door
  const { request } = call
  if (!isWatchedAhead(door) || (await mayBeKept(call))) return undefined
  const assertAllowed = async (value: Envelope) => {
    await gate?.ask(request, { terms: { value }, dialect: 'object', receipt: undefined })
  }
  return prepayListed(client, createPayableRequest({ ...call, ...(gate && { assertAllowed }) }))
}

/**
 * Whether the first request is seen to leave, to the server and nowhere else. A wrapper inside this one, from whichever copy of the package,
 * prepays by itself: `quote` is no method of an SDK.
 */
function isWatchedAhead({ client, target }: McpDoor): boolean {
  const { transport } = target
  if ('quote' in target || typeof transport !== 'object' || transport === null) return false
  guardTransport(transport, { always: client[REACH] !== undefined })
  return watchTransport(transport) && !isDiverted(transport)
}

/**
 * Whether the SDK may have kept what a resource brought, as version 2 does for as long as the server says: asking is free then, and where it can't be
 * told, too.
 */
async function mayBeKept({ target, request }: McpCall): Promise<boolean> {
  const { call, args, optionsAt, name } = request
  const options = args[optionsAt]
  const { cacheMode } = isJsonObject(options) ? options : {}
  const isByVersion1 = typeof Reflect.get(target, 'getProtocolEra') !== 'function'
  if (call !== 'readResource' || isByVersion1 || cacheMode === 'bypass' || cacheMode === 'refresh') return false
  const cache: unknown = Reflect.get(target, '_cache')
  const read: unknown = typeof cache === 'object' && cache !== null ? Reflect.get(cache, 'read') : undefined
  if (typeof read !== 'function') return true
  try {
    return (await Reflect.apply(read, cache, ['resources/read', name])) !== undefined
  } catch {
    return true
  }
}

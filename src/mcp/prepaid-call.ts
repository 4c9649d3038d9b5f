import { prepayListed, REACH } from '../client/payer.js'
import { isX402Error } from '../errors/x402-error.js'
import type { PayableRequest, Prepaid } from '../payment/exchange.js'
import type { Envelope } from '../wire/challenge.js'
import { isJsonObject, isSameJson } from '../wire/json.js'
import type { PaymentPayload } from '../wire/payload.js'
import { dialectOf, type McpCall, noteCaller, toPayable, type Way } from './exchange.js'
import { guardTransport, isDiverted } from './guarded-transport.js'
import type { Gate, McpDoor } from './paid-call.js'
import type { Answer } from './sending.js'
import { watchTransport } from './watched-transport.js'

/**
 * Pays for a call before its server asks for it, where its price is known, and where a payment may be sent unasked. Loaded with the first call that a
 * route names.
 *
 * @returns What became of it.
 * @throws What `callPaid` throws, once something was sent, and where no server's own terms are wanted.
 */
export async function prepay(door: McpDoor, call: McpCall): Promise<Prepaid<object>> {
  const { client, gate, refusals } = door
  const { request } = call
  if (!isWatchedAhead(door) || (await mayBeKept(call))) return undefined
  const assertAllowed = async (value: Envelope) => {
    await gate?.ask(request, { terms: { value }, dialect: 'object', receipt: undefined })
  }
  const payable = { ...createPayableRequest(call), ...(gate && { assertAllowed }) }
  noteCaller(payable, call)
  const bought = await prepayListed(client, payable)
  // Hooks of a gate are promised the server's own terms with their refusal. A server that is there only now wasn't called at all.
  const isOver = isX402Error(bought) && (bought.code === 'MCP_SERVER_CHANGED' || (refusals === 'throw' && !gate))
  if (isOver) throw bought
  return bought
}

/** The way of a request that no one has answered: it's prepaid only where it's seen to leave. */
const UNTRIED: Way = { isWatched: true, isElsewhere: false, isPaidBelow: false }

/** Shows a request that no one has answered to the steps of a payment, which goes along with it. */
function createPayableRequest(call: McpCall): PayableRequest<object> {
  const { target } = call
  const answers: Answer[] = []
  const watch = (payment: PaymentPayload, answer: Answer) => {
    answers.push(answer)
    call.watch?.(payment, answer)
  }
  const readDialect = () => dialectOf(call)
  const first = toPayable({ ...call, watch }, UNTRIED, readDialect)
  const asked = toPayable(call, { ...UNTRIED, isWatched: false }, readDialect)
  return {
    ...first,
    async send(...args) {
      const { transport } = target
      const before = answers.length
      const response = await first.send(...args)
      const answer = answers[before]
      // A client that rewrites params on the way took no payment along: that request asked for the price.
      const isQuestion = answer?.unpaid !== undefined && !answer.isWatched && target.transport === transport
      return isQuestion ? asked.send(...args) : response
    },
    abandon() {
      first.abandon?.()
      asked.abandon?.()
    },
  }
}

/** A gate of one call, whose hooks are asked once about the same terms: those that are remembered, and the server's own. */
export function askOnce(gate: Gate | undefined): Gate | undefined {
  if (gate === undefined) return undefined
  let allowed: unknown
  return {
    tell: (request, sent) => gate.tell(request, sent),
    async ask(request, unpaid) {
      const accepts = 'value' in unpaid.terms ? unpaid.terms.value.accepts : undefined
      if (accepts !== undefined && isSameJson(accepts, allowed)) return true
      const isAllowed = await gate.ask(request, unpaid)
      allowed = accepts
      return isAllowed
    },
  }
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

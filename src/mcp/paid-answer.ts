import type { PaidResponse } from '../payment/exchange.js'
import type { JsonObject } from '../wire/json.js'
import type { McpRequest } from './request.js'
import type { Answer } from './sending.js'
import { readReceiptMeta } from './unpaid.js'

/**
 * Describes the answer to a paid request for the steps of a payment.
 *
 * - A result delivers.
 * - The error of a tool, `isError`, is an honest answer that says nothing about the money, as a 404 over HTTP is. Sellers settle after their
 *   tool, and not at all if that fails, so the next call presents the same payment.
 * - The same holds for an error of JSON-RPC that blames the request, and for a result that the SDK takes for another than the tool declared.
 * - So is what asks for more input, where the caller gives that by a call of its own: that call presents the same payment.
 * - All else that was thrown is a response that was lost: a timeout, a connection that closed, a server that failed.
 *
 * @param answer - To the paid request.
 * @param isRepeatable - Whether the request changes nothing, so that a result without content brought nothing.
 * @throws What the SDK threw, when the answer was lost.
 */
export function toPaidResponse(answer: Answer, request: McpRequest, isRepeatable: boolean): PaidResponse<object> {
  const { native, unpaid } = answer
  return {
    native,
    status: undefined,
    meaning: unpaid === undefined ? toMeaning(answer) : 'lost',
    isChallenge: unpaid !== undefined,
    mayLackAllowance: false,
    isNotNow: false,
    isEmpty: isEmpty(answer, request, isRepeatable),
    receipt: unpaid === undefined ? readReceiptMeta(answer.result?.['_meta']) : unpaid.receipt,
    readTerms: () => (unpaid !== undefined && 'value' in unpaid.terms ? unpaid.terms.value : undefined),
    readPauseMs: () => undefined,
    describeSkew: () => undefined,
  }
}

/** Errors that blame the request: it was read, and the same one fails the same way. Source: JSON-RPC 2.0, section 5.1; MCP, "Resources". */
const BLAMING: readonly unknown[] = [-32600, -32601, -32602, -32002]

function toMeaning({ native, isThrown, isServerError, result }: Answer): PaidResponse['meaning'] {
  if (result !== undefined && isWhole(result)) return result['isError'] === true ? 'answered' : 'delivered'
  if (isServerError && BLAMING.includes(Reflect.get(native, 'code'))) return 'answered'
  if (isThrown) throw native
  return result?.['resultType'] === 'input_required' ? 'answered' : 'delivered'
}

/** Results of other types ask for something, and bring nothing. Source: MCP, protocol version 2026-07-28. */
function isWhole({ resultType }: JsonObject): boolean {
  return resultType === undefined || resultType === 'complete'
}

/** A result of a type that its own SDK refuses is of no use, whatever it says. A tool that changes something may have nothing to say about it. */
function isEmpty({ isThrown, result }: Answer, { call }: McpRequest, isRepeatable: boolean): boolean {
  if (isThrown) return true
  if (!isRepeatable) return false
  const { content, structuredContent, contents, messages } = result ?? {}
  const list = call === 'callTool' ? content : call === 'readResource' ? contents : messages
  return structuredContent === undefined && Array.isArray(list) && list.length === 0
}

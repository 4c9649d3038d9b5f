import { QUOTE } from '../client/payer.js'
import type { Quote } from '../desk/quote.js'
import { createExchange } from './exchange.js'
import { ask, type McpDoor, readMcpRequest, toUnpaidCall } from './paid-call.js'

/** What a tool would cost; without offers when there is nothing to pay. */
export type McpQuote = Omit<Quote, 'resource'> & {
  /** Whether asking has run the tool: the server asked for no money. */
  readonly carriedOut: boolean
  /** The unpaid result; the error of the SDK where the server asks for money by an error. */
  readonly response: object
}

/**
 * Calls a tool without paying, and says what it asks for. Loaded when a price is first asked.
 *
 * @param args - As for `callTool`.
 * @throws {@link ChallengeError} when the terms can't be read, {@link ConfigurationError} `MCP_SERVER_UNKNOWN`, and what the SDK throws.
 * Nothing was signed.
 */
export async function quoteTool(door: McpDoor, args: readonly unknown[]): Promise<McpQuote> {
  const request = readMcpRequest(door, 'callTool', args)
  const answer = await ask(door, request, args)
  const { native: response, isThrown, unpaid, result } = answer
  const nothing = { description: undefined, offers: [], taken: undefined, needsApproval: false, refusal: undefined }
  if (unpaid === undefined) {
    if (isThrown) throw response
    return { ...nothing, response, cost: result?.['isError'] === true ? 'unknown' : 'free', carriedOut: true }
  }
  const quote = await door.client[QUOTE](createExchange(toUnpaidCall(door, request, answer, unpaid)))
  return { ...nothing, response, cost: 'unknown', ...quote, carriedOut: false }
}

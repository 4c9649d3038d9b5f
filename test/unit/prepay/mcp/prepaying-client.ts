import type { ClientOptions } from '../../../../src/client/options.js'
import { type MCPClientLike, type WrapMCPOptions, wrapMCPClientWithPayment } from '../../../../src/mcp/index.js'
import type { PaymentRequired } from '../../../../src/wire/challenge.js'
import { createMcpBuyer, TERMS } from '../../mcp/answers.js'
import type { Asked } from '../../mcp/open-mcp.js'

export const CALL = { name: 'get_forecast', arguments: { city: 'Berlin' } }

/** What a person named the server. */
export const SERVER = 'stdio:weather'

/** What the sellers of these tests ask for. */
export const KNOWN = TERMS as PaymentRequired

/** Which of the requests carried a payment. */
export const paid = (asked: readonly Asked[]) => asked.map(({ payment }) => payment !== undefined)

/** Wraps a client that was opened, for a buyer who prepays; by default all of one server. */
export function wrapPrepaying<C extends MCPClientLike>(
  { mcpClient }: { readonly mcpClient: C },
  prepay: ClientOptions['prepay'] = [{ route: SERVER }],
  given: ClientOptions & WrapMCPOptions = {},
) {
  const { refusals, server, ...options } = { server: SERVER, ...given }
  const buyer = createMcpBuyer({ prepay, ...options })
  const warnings: string[] = []
  buyer.client.on('payment', (event) => void (event.type === 'warning' && warnings.push(event.warning.code)))
  const mcp = wrapMCPClientWithPayment(mcpClient, buyer.client, { server, refusals })
  /** State and amount of each payment in the ledger, in the order of the alphabet. */
  const counted = async () =>
    (await buyer.records()).map(({ state, terms: { amount } }) => `${state} ${amount}`).toSorted()
  return { ...buyer, warnings, mcp, counted }
}

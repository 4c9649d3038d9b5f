import type { ClientOptions } from '../../../../src/client/options.js'
import { type MCPClientLike, type WrapMCPOptions, wrapMCPClientWithPayment } from '../../../../src/mcp/index.js'
import type { PaymentRequired } from '../../../../src/wire/challenge.js'
import { readCounted } from '../../../support/begin-to-prepay.js'
import { listWarningCodes } from '../../../support/list-warnings.js'
import { createOffer, createRequired } from '../../../support/offers.js'
import { askToPay, createMcpBuyer, deliver, TERMS } from '../../mcp/answers.js'
import type { Sell } from '../../mcp/open-mcp.js'

export const CALL = { name: 'get_forecast', arguments: { city: 'Berlin' } }

/** What a person named the server. */
export const SERVER = 'stdio:weather'

/** What the sellers of these tests ask for. */
export const KNOWN = TERMS as PaymentRequired

/** What sellers of these tests ask for that have raised their price. */
export const DEARER = createRequired([createOffer({ amount: '20000' })])

/** Takes payments of the raised price alone. */
export const sellDearer: Sell = ({ payment }) => {
  const accepted = new Object(Reflect.get(new Object(payment), 'accepted'))
  return Reflect.get(accepted, 'amount') === '20000' ? deliver() : askToPay(DEARER)
}

/** Wraps a client that was opened, for a buyer who prepays; by default all of one server. */
export function wrapPrepaying<C extends MCPClientLike>(
  { mcpClient }: { readonly mcpClient: C },
  prepay: ClientOptions['prepay'] = [{ route: SERVER }],
  given: ClientOptions & WrapMCPOptions = {},
) {
  const { refusals, server, ...options } = { server: SERVER, ...given }
  const buyer = createMcpBuyer({ prepay, ...options })
  const warnings = listWarningCodes(buyer.client)
  const mcp = wrapMCPClientWithPayment(mcpClient, buyer.client, { server, refusals })
  return { ...buyer, warnings, mcp, counted: () => readCounted(buyer) }
}

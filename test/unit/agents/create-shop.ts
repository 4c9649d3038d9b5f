import { createPaymentTools, type PaymentToolsOptions } from '../../../src/agents/index.js'
import { type RestrictedClient, x402Client } from '../../../src/index.js'
import type { RestrictOptions } from '../../../src/limits/narrow-limits.js'
import { createSeller, type SellerScript, TestScheme } from '../../../src/testing/index.js'

/** What is sold at the seller of {@link createShop}. */
export const SOLD = 'https://seller.example/weather'

/** An agent with half a dollar, for one seller: a host that is listed is asked without looking its name up. */
export function createAgent(
  options: RestrictOptions = { total: '$0.50', perPayment: '$0.20', hosts: ['seller.example'] },
): RestrictedClient {
  return new x402Client().register('eip155:*', new TestScheme()).restrict(options)
}

/** Tools whose requests reach one scripted seller. */
export function createShop(script: SellerScript = {}, options: PaymentToolsOptions = {}, limits?: RestrictOptions) {
  const seller = createSeller({ answer: { temperature: 21 }, ...script })
  const agent = createAgent(limits)
  const tools = createPaymentTools(agent, { fetch: seller.fetch, ...options })
  return { seller, agent, tools, buy: (input: Record<string, unknown>) => tools.pay_and_fetch.execute(input) }
}

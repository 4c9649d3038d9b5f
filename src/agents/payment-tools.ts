import { CLIENT_TOO_WIDE, WRAPPER_NEEDS } from '../errors/catalogue/configuration.js'
import { fail } from '../errors/fail.js'
import { wrapFetchWithPayment } from '../fetch/index.js'
import type { RestrictedClient } from '../index.js'
import { createApprovals } from './approvals.js'
import { createBudgetTool } from './budget.js'
import { createMyPurchasesTool } from './my-purchases.js'
import { type PaymentToolsOptions, readSettings } from './options.js'
import { createPayAndFetchTool } from './pay-and-fetch.js'
import { createPriceTool, readQuote, toPrice } from './price.js'
import { createSender } from './sender.js'
import type { PaymentTool } from './tool.js'

/** The tools as a list, each also by its name. */
export type PaymentTools = readonly PaymentTool[] & {
  /** Tells a price, without paying. */
  readonly price: PaymentTool
  /** Fetches, and pays for what asks for money. */
  readonly pay_and_fetch: PaymentTool
  /** Tells what is left. */
  readonly budget: PaymentTool
  /** Lists what was paid for. */
  readonly my_purchases: PaymentTool
}

/**
 * Creates the tools of an agent that may spend: `price`, `pay_and_fetch`, `budget` and `my_purchases`.
 *
 * They never throw, and return plain objects that a model can read: what happened, where the money is, what is left, what to do next. What
 * a server wrote is in them only labeled, cleaned and bounded. Make them once for each agent or session: the set remembers what was bought a
 * moment ago, and what a person said yes to.
 *
 * @example
 * ```ts
 * const agent = client.restrict({ total: '$0.50', networks: ['eip155:84532'], hosts: ['api.example.com'] })
 * const tools = createPaymentTools(agent, { fetch, max: '$0.05' })
 * const bought = await tools.pay_and_fetch.execute({ url: 'https://api.example.com/weather' })
 * bought.price //=> '$0.01'
 * bought.untrusted?.body //=> '{"temperature":21}'
 * ```
 *
 * @param agent - What `client.restrict` made. It holds the budget; the model can't reach it.
 * @param options - See {@link PaymentToolsOptions}.
 * @returns The four tools, for any toolkit.
 * @throws {@link ConfigurationError} for a client that isn't restricted, and for options that can't be read; nothing was sent.
 */
export function createPaymentTools(agent: RestrictedClient, options: PaymentToolsOptions = {}): PaymentTools {
  assertRestricted(agent)
  const settings = readSettings(options)
  const { fetch, redact } = createSender(settings)
  const paidFetch = wrapFetchWithPayment(fetch, agent)
  const priceParts = { agent, paidFetch, timeoutMs: settings.timeoutMs, redact }
  const approvals = createApprovals(settings, async (call) => toPrice(await readQuote(call, priceParts)))
  const named = {
    price: createPriceTool({ ...priceParts, settings, approvals }),
    pay_and_fetch: createPayAndFetchTool({ agent, paidFetch, settings, redact, approvals }),
    budget: createBudgetTool(agent, redact),
    my_purchases: createMyPurchasesTool(agent, redact),
  }
  return Object.freeze(Object.assign(Object.values(named), named))
}

const MUST_HAVE = ['payments', 'spending', 'restrict'] as const

/** What a wide client has, and one that `restrict` made never. */
const WIDE = ['register', 'reconcile'] as const

function assertRestricted(agent: unknown): asserts agent is RestrictedClient {
  const given: object = new Object(agent)
  const has = (name: string) => typeof Reflect.get(given, name) === 'function'
  if (WIDE.some(has)) throw fail(CLIENT_TOO_WIDE)
  if (MUST_HAVE.every(has)) return
  throw fail(WRAPPER_NEEDS, {
    words: { wrapper: 'createPaymentTools', what: 'a restricted client' },
    hint: "Write `createPaymentTools(client.restrict({ total: '$2', hosts: ['api.example.com'] }))`.",
  })
}

import type { ClientOptions } from '../../../src/client/options.js'
import { x402Client } from '../../../src/client/x402-client.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { TestScheme } from '../../../src/testing/test-scheme.js'
import { createOffer, createRequired, NETWORK, TRANSACTION } from '../../support/offers.js'
import type { Asked, Sell } from './open-mcp.js'

/** Terms of one cent for a tool, as the official server writes them. */
export const TERMS = createRequired([createOffer()], { resource: { url: 'mcp://tool/get_forecast' } })

/** The unpaid answer of the official server. */
export const askToPay = (required: object = TERMS): object => ({
  isError: true,
  structuredContent: required,
  content: [{ type: 'text', text: JSON.stringify(required) }],
})

export const RECEIPT = { success: true, transaction: TRANSACTION, network: NETWORK }

/** What was sold, with a good receipt. */
export const deliver = (text = 'sunny'): object => ({
  content: [{ type: 'text', text }],
  _meta: { 'x402/payment-response': RECEIPT },
})

/** Asks to be paid until a payment comes, then delivers. */
export const sell: Sell = ({ payment }: Asked) => (payment === undefined ? askToPay() : deliver())

/** Who buys: a client without a chain, and a ledger that a test can read. */
export function createMcpBuyer(options: ClientOptions = {}) {
  const ledger = options.ledger ?? createMemoryLedger()
  const client = new x402Client({ ...options, ledger }).register('eip155:*', new TestScheme())
  return { client, ledger, records: () => readAll(ledger) }
}

/** What a call threw. */
export async function catchError(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (result) => {
      throw new Error(`It did not throw, but returned ${JSON.stringify(result)}.`)
    },
    (error: unknown) => error,
  )
}

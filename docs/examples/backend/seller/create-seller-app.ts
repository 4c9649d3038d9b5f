import { type FacilitatorClient, x402ResourceServer } from '@x402/core/server'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import { paymentMiddleware } from '@x402/express'
import express, { type Express } from 'express'

/** What a seller of reports decides. */
export type Selling = {
  /** Who checks payments and settles them. */
  readonly facilitator: FacilitatorClient
  readonly payTo: string
  /** Called for each report that is paid for, and waited for. */
  readonly write: (city: string) => Promise<object> | object
}

const network = 'eip155:84532'

/** Creates a seller with the official middleware: `GET /report` for a cent. */
export function createSellerApp({ facilitator, payTo, write }: Selling): Express {
  const resources = new x402ResourceServer(facilitator).register(network, new ExactEvmScheme())
  const accepts = { scheme: 'exact', network, price: '$0.01', payTo } as const
  return express()
    .use(paymentMiddleware({ 'GET /report': { accepts, description: 'A report on a city' } }, resources))
    .get('/report', async ({ query }, response) => void response.json(await write(String(query['city']))))
}

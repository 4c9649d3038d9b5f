import express, { type Express, type Response } from 'express'
import { type Bought, buyReport } from './buy-report.js'
import type { Payments } from './open-payments.js'
import type { Results } from './results.js'
import { type Done, runJob } from './run-job.js'

/** What the routes ask of the process that they run in. */
export type Process = { readonly isEnding: () => boolean }

/** Creates the routes of the service. */
export function createApp(payments: Payments, results: Results, { isEnding }: Process): Express {
  const app = express().use(express.json())

  app.get('/live', (_request, response) => void response.json({ live: true }))
  app.get('/ready', (_request, response) => void response.status(isEnding() ? 503 : 200).json({ ready: !isEnding() }))

  app.get('/customers/:customer/reports/:city', async ({ params }, response) => {
    answer(response, await buyReport(payments, params))
  })
  app.get('/customers/:customer/budget', async ({ params }, response) => {
    response.json(await payments.client.spending({ tag: `customer:${params.customer}` }))
  })

  // A queue that pushes, such as Cloud Tasks: any status of 2xx acknowledges the job, anything else delivers it again.
  app.post('/jobs', async ({ body }, response) => {
    answer(response, await runJob(payments, results, body))
  })
  return app
}

function answer(response: Response, bought: Bought | Done): void {
  if ('report' in bought) response.json(bought)
  else response.status(toStatus(bought.refused, bought.tag)).json(bought)
}

/** The customer's own budget is for the customer to see; that of the service, as all else, passes by itself or needs an operator. */
function toStatus(code: string, tag: string | undefined): number {
  if (code.startsWith('LIMIT_')) return tag === undefined ? 503 : 429
  if (code === 'ALREADY_BOUGHT') return 409
  return code === 'CLIENT_DRAINED' || code === 'LEDGER_UNAVAILABLE' ? 503 : 502
}

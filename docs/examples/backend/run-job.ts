import { type Bought, buyReport, type Order } from './buy-report.js'
import type { Payments } from './open-payments.js'
import type { Results } from './results.js'

/**
 * Buys the report of a job once, however often the job is delivered: stores it, and only then lets the queue be told that the job is done.
 *
 * @returns The report, or why there is none. `ALREADY_BOUGHT` only where the worker that bought it has stored nothing: it's still at it, or was killed
 *   in between. The queue delivers again, and in the end lays the job aside, where a person asks the seller for it by the payment.
 */
export async function runJob(payments: Payments, results: Results, order: Order & { job: string }): Promise<Done> {
  const before = await results.read(order.job)
  if (before !== undefined) return { report: before, done: 'before' }
  const bought = await buyReport(payments, order)
  if (!('report' in bought)) return bought
  await results.write(order.job, bought.report)
  return { ...bought, done: 'now' }
}

/** What came of a job. */
export type Done =
  | { readonly report: unknown; readonly payment?: string | undefined; readonly done: 'now' | 'before' }
  | Exclude<Bought, { readonly report: unknown }>

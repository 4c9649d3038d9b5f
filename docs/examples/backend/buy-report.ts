import { isAxiosError } from 'axios'
import { isX402Error } from 'pay402'
import { paymentOf } from 'pay402/axios'
import type { Payments } from './open-payments.js'

/** A report that is wanted. */
export type Order = {
  readonly customer: string
  readonly city: string
  /** The job that wants it. One job pays at most once, whichever process runs it, and however often. */
  readonly job?: string | undefined
}

/** A report, or why there is none, and where the money is. */
export type Bought =
  | { readonly report: unknown; readonly payment: string | undefined }
  | {
      readonly refused: string
      readonly money: string
      readonly retryAt?: string | undefined
      /** Of the customer whose own limit refused. */
      readonly tag?: string | undefined
      /** The payment that was made for the job before. */
      readonly payment?: string | undefined
    }

/** How long a job may be delivered again: as long as the queue keeps it. */
export const JOB_SECONDS = 7 * 86_400

/** Buys a report on behalf of a customer. */
export async function buyReport({ http }: Payments, { customer, city, job }: Order): Promise<Bought> {
  const key = job === undefined ? {} : { purchase: `job ${job}`, purchaseFor: JOB_SECONDS }
  try {
    const response = await http.get('/report', { params: { city }, x402: { tags: [`customer:${customer}`], ...key } })
    return { report: response.data, payment: paymentOf(response)?.id }
  } catch (error) {
    if (!isAxiosError(error) || !isX402Error(error.cause)) throw error
    const { code, money, facts } = error.cause
    const { tag, payment } = facts
    return { refused: code, money, retryAt: facts['again at'] ?? facts['resets at'], tag, payment }
  }
}

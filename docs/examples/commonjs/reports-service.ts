import { isAxiosError } from 'axios'
import { isX402Error } from 'pay402'
import { paymentOf } from 'pay402/axios'
import type { PaymentsProvider } from './payments-provider.js'

/** A report that was bought, or why it wasn't. */
export type Bought =
  | { readonly report: unknown; readonly transaction: string | undefined }
  | { readonly refused: string; readonly money: string }

/** Buys reports for orders. */
export class ReportsService {
  readonly #payments: PaymentsProvider

  constructor(payments: PaymentsProvider) {
    this.#payments = payments
  }

  /**
   * Buys the report of one order. Called again for the same order, by a queue that tries again, say, it presents the same payment
   * until the answer has arrived.
   */
  async buyReport(orderId: string): Promise<Bought> {
    try {
      const response = await this.#payments.http.get('/report', {
        params: { order: orderId },
        x402: { purchase: `report of ${orderId}`, tags: ['reports'] },
      })
      return { report: response.data, transaction: paymentOf(response)?.transaction }
    } catch (error) {
      if (!isAxiosError(error) || !isX402Error(error.cause)) throw error
      return { refused: error.cause.code, money: error.cause.money }
    }
  }
}

import axios, { type AxiosInstance } from 'axios'
import { x402Client } from 'pay402'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { ExactEvmScheme } from 'pay402/evm'
import { privateKeyToAccount } from 'viem/accounts'
import type { Config } from './read-config.js'

/**
 * The one wallet of the backend, and the axios that pays with it. In NestJS this is an `@Injectable()`; there is one for the whole
 * process, since the client's ledger is what holds the budget.
 */
export class PaymentsProvider {
  readonly client: x402Client
  readonly http: AxiosInstance

  constructor(config: Config) {
    const account = privateKeyToAccount(config.privateKey)
    this.client = new x402Client({ limits: { perPayment: '$0.10', perDay: config.dailyBudget } }).register(
      'eip155:84532',
      new ExactEvmScheme(account),
    )
    const instance = axios.create({ baseURL: config.reportsUrl, timeout: 10_000 })
    // Sellers settle before they answer, which may take longer than an answer that is free.
    this.http = wrapAxiosWithPayment(instance, this.client, { timeouts: { paidMs: 30_000 } })
  }
}

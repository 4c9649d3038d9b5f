import axios, { type AxiosInstance } from 'axios'
import { x402Client } from 'pay402'
import { wrapAxiosWithPayment } from 'pay402/axios'
import { ExactEvmScheme } from 'pay402/evm'
import type { Ledger } from 'pay402/ledger'
import { privateKeyToAccount } from 'viem/accounts'
import type { Config } from './read-config.js'

/** The one client of the service, and the axios that pays with it. */
export type Payments = { readonly client: x402Client; readonly http: AxiosInstance }

/** What a customer may cost in a calendar month, and all of them together in a day. */
const LIMITS = {
  perPayment: '$0.02',
  perDay: '$5',
  perTag: { perMonth: '$0.05' },
  onlyTags: ['customer:*'],
} as const

/** Creates the client: one for the whole service, whose limits hold over all instances that share its ledger. */
export function openPayments(config: Config, ledger: Ledger): Payments {
  const account = privateKeyToAccount(config.privateKey)
  const client = new x402Client({ ledger, limits: LIMITS, allowPlainHttp: config.allowPlainHttp }).register(
    'eip155:84532',
    new ExactEvmScheme(account),
  )
  client.on('payment', (event) => {
    // What an alert is made of. Neither has a signature.
    if (event.type === 'warning') console.warn(JSON.stringify({ warning: event.warning.code }))
    if (event.type === 'lost') console.warn(JSON.stringify({ lost: event.payment }))
  })
  const instance = axios.create({ baseURL: config.reportsUrl, timeout: 10_000 })
  // Sellers settle before they respond, so a paid response may take longer than a free one.
  return { client, http: wrapAxiosWithPayment(instance, client, { timeouts: { paidMs: 30_000 } }) }
}

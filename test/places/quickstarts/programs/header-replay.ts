import { ExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import type { World } from './world.js'

/** The second request carries the payment of the first. */
export async function run({ fetch, url, account }: World) {
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  const httpClient = new x402HTTPClient(client)
  let captured: Record<string, string> | undefined
  client.onAfterPaymentCreation(async ({ paymentPayload }) => {
    captured ??= httpClient.encodePaymentSignatureHeader(paymentPayload)
  })
  httpClient.onPaymentRequired(async () => (captured ? { headers: captured } : undefined))
  const fetchWithPayment = wrapFetchWithPayment(fetch, httpClient)
  return [(await fetchWithPayment(url)).status, (await fetchWithPayment(url)).status]
}

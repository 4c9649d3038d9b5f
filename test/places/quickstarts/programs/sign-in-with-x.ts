import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { createSIWxClientHook, type SolanaSigner } from '@x402/extensions/sign-in-with-x'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana }: World) {
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account))
  client.register('eip155:*', new UptoEvmScheme(account))
  const httpClient = new x402HTTPClient(client)
  httpClient.onPaymentRequired(createSIWxClientHook(account))
  httpClient.onPaymentRequired(createSIWxClientHook(solana as unknown as SolanaSigner))
  const fetchWithPayment = wrapFetchWithPayment(fetch, httpClient)
  const isPaid = (response: Response) => response.headers.has('PAYMENT-RESPONSE')
  return [isPaid(await fetchWithPayment(url)), isPaid(await fetchWithPayment(url))]
}

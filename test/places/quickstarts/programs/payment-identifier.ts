import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { appendPaymentIdentifierToExtensions, generatePaymentId } from '@x402/extensions/payment-identifier'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account))
  client.register('eip155:*', new UptoEvmScheme(account))
  const paymentId = generatePaymentId()
  client.onBeforePaymentCreation(async ({ paymentRequired }) => {
    if (paymentRequired.extensions) appendPaymentIdentifierToExtensions(paymentRequired.extensions, paymentId)
  })
  const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
  const receipt = new x402HTTPClient(client).getPaymentSettleResponse((name) => response.headers.get(name))
  return { body: await response.json(), network: receipt.network, id: paymentId.length }
}

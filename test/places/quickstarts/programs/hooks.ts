import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { x402Client } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const told: string[] = []
  const client = new x402Client()
    .register('eip155:*', new ExactEvmScheme(account))
    .register('eip155:*', new UptoEvmScheme(account))
    .onBeforePaymentCreation(async (context) => {
      told.push(`${context.selectedRequirements.network} ${context.selectedRequirements.scheme}`)
    })
    .onAfterPaymentCreation(async (context) => {
      told.push(`version ${context.paymentPayload.x402Version} ${context.paymentPayload.accepted.amount}`)
    })
    .onPaymentCreationFailure(async (context) => {
      told.push(`failed ${context.error}`)
    })
  const { wrapFetchWithPayment } = await import('@x402/fetch')
  const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
  return { told, body: await response.json() }
}

import { ExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account))
  const response = await wrapFetchWithPayment(fetch, client)(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'task-1' },
    body: JSON.stringify({ description: 'a task' }),
  })
  const { status, paymentStatus, body } = await new x402HTTPClient(client).processResponse(response)
  return { status, paymentStatus, body }
}

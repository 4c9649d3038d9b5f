import { ExactEvmScheme } from '@x402/evm/exact/client'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const screened: string[] = []
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  client.onBeforePaymentCreation(async ({ selectedRequirements }) => {
    screened.push(selectedRequirements.payTo)
    if (screened.length > 1) return { abort: true, reason: 'recipient failed the screen' }
    return undefined
  })
  const fetchWithPayment = wrapFetchWithPayment(fetch, client)
  const bought = await (await fetchWithPayment(url)).json()
  const stopped = await fetchWithPayment(`${url}/2`).catch((error: Error) =>
    error.message.includes('failed the screen'),
  )
  return { bought, stopped, screened }
}

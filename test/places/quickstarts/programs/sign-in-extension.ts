import { ExactEvmScheme } from '@x402/evm/exact/client'
import { createSIWxClientExtension } from '@x402/extensions/sign-in-with-x'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import type { World } from './world.js'

/** The newer form of the same. */
export async function run({ fetch, url, account }: World) {
  const client = new x402Client()
    .register('eip155:*', new ExactEvmScheme(account))
    .registerExtension(createSIWxClientExtension({ signers: [account] }))
  const fetchWithPayment = wrapFetchWithPayment(fetch, client)
  const isPaid = (response: Response) => response.headers.has('PAYMENT-RESPONSE')
  return [isPaid(await fetchWithPayment(url)), isPaid(await fetchWithPayment(url))]
}

import { toClientEvmSigner } from '@x402/evm'
import { AuthCaptureEvmScheme } from '@x402/evm/auth-capture/client'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const client = new x402Client()
  client.register('eip155:*', new AuthCaptureEvmScheme(toClientEvmSigner(account)))
  return (await wrapFetchWithPayment(fetch, client)(url)).status
}

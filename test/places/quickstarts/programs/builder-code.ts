import { ExactEvmScheme } from '@x402/evm/exact/client'
import { BuilderCodeClientExtension } from '@x402/extensions/builder-code'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account))
  client.registerExtension(new BuilderCodeClientExtension('my_service'))
  return (await wrapFetchWithPayment(fetch, client)(url)).json()
}

import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana, rpcUrl }: World) {
  const rpcOptions = rpcUrl ? { rpcUrl } : undefined
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account, rpcOptions))
  client.register('eip155:*', new UptoEvmScheme(account, rpcOptions))
  client.register('solana:*', new ExactSvmScheme(solana as never))
  const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
  const receipt = new x402HTTPClient(client).getPaymentSettleResponse((name) => response.headers.get(name))
  return { body: await response.json(), payer: receipt.payer }
}

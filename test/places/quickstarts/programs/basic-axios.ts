import { wrapAxiosWithPayment, x402Client, x402HTTPClient } from '@x402/axios'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ axios, url, account, solana, rpcUrl }: World) {
  const rpcOptions = rpcUrl ? { rpcUrl } : undefined
  const client = new x402Client()
  client.register('eip155:*', new ExactEvmScheme(account, rpcOptions))
  client.register('eip155:*', new UptoEvmScheme(account, rpcOptions))
  client.register('solana:*', new ExactSvmScheme(solana as never))
  const response = await wrapAxiosWithPayment(axios, client).get(url)
  const receipt = new x402HTTPClient(client).getPaymentSettleResponse((name) => response.headers[name.toLowerCase()])
  return { body: response.data, payer: receipt.payer }
}

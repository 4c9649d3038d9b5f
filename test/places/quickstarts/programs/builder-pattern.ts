import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana }: World) {
  const client = new x402Client()
    .register('eip155:*', new ExactEvmScheme(account))
    .register('eip155:*', new UptoEvmScheme(account))
    .register('eip155:1', new ExactEvmScheme(account))
    .register('solana:*', new ExactSvmScheme(solana as never))
    .register('solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1', new ExactSvmScheme(solana as never))
  const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
  return response.json()
}

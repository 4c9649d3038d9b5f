import { ExactEvmScheme } from '@x402/evm/exact/client'
import { type PaymentRequirements, wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana }: World) {
  const select = (_version: number, options: PaymentRequirements[]): PaymentRequirements => {
    for (const preference of ['aptos:', 'eip155:']) {
      const match = options.find(({ network }) => network.startsWith(preference))
      if (match) return match
    }
    return options[0] as PaymentRequirements
  }
  const client = new x402Client(select)
    .register('eip155:*', new ExactEvmScheme(account))
    .register('solana:*', new ExactSvmScheme(solana as never))
  return (await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })).json()
}

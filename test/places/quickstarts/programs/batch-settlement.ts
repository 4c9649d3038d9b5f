import { toClientEvmSigner } from '@x402/evm'
import { BatchSettlementEvmScheme } from '@x402/evm/batch-settlement/client'
import { wrapFetchWithPayment, x402Client, x402HTTPClient } from '@x402/fetch'
import { createPublicClient, http } from 'viem'
import type { World } from './world.js'

export async function run({ fetch, url, account }: World) {
  const signer = toClientEvmSigner(account, createPublicClient({ transport: http() }))
  const channels = new BatchSettlementEvmScheme(signer, {
    depositPolicy: { depositMultiplier: 5 },
    voucherSigner: toClientEvmSigner(account),
  })
  const client = new x402Client()
  client.register('eip155:*', channels)
  const response = await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })
  return (await new x402HTTPClient(client).processResponse(response)).paymentStatus
}

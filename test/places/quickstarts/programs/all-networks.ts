import { toClientAvmSigner } from '@x402/avm'
import { ExactAvmScheme } from '@x402/avm/exact/client'
import { ExactEvmScheme } from '@x402/evm/exact/client'
import { UptoEvmScheme } from '@x402/evm/upto/client'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { createEd25519Signer } from '@x402/stellar'
import { ExactStellarScheme } from '@x402/stellar/exact/client'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import type { World } from './world.js'

export async function run({ fetch, url, account, solana }: World) {
  const avmKey: string | undefined = undefined
  const stellarKey: string | undefined = undefined
  const client = new x402Client()
  if (avmKey) client.register('algorand:*', new ExactAvmScheme(toClientAvmSigner(avmKey)))
  client.register('eip155:*', new ExactEvmScheme(account))
  client.register('eip155:*', new UptoEvmScheme(account))
  client.register('solana:*', new ExactSvmScheme(solana as never))
  if (stellarKey) client.register('stellar:*', new ExactStellarScheme(createEd25519Signer(stellarKey)))
  return (await wrapFetchWithPayment(fetch, client)(url, { method: 'GET' })).json()
}

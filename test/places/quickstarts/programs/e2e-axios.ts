import { decodePaymentResponseHeader, wrapAxiosWithPayment, x402Client } from '@x402/axios'
import { toClientEvmSigner } from '@x402/evm'
import { ExactEvmScheme, type ExactEvmSchemeOptions } from '@x402/evm/exact/client'
import { UptoEvmScheme as UptoEvmClientScheme, type UptoEvmSchemeOptions } from '@x402/evm/upto/client'
import { ExactEvmSchemeV1 } from '@x402/evm/v1'
import { ExactSvmScheme } from '@x402/svm/exact/client'
import { ExactSvmSchemeV1 } from '@x402/svm/v1'
import { createPublicClient, http } from 'viem'
import type { World } from './world.js'

/** As the official e2e client for axios is built. */
export async function run({ axios, url, account, solana, rpcUrl, svmRpcUrl }: World) {
  const evmSigner = toClientEvmSigner(account, createPublicClient({ transport: http(rpcUrl) }))
  const evmSchemeOptions: ExactEvmSchemeOptions | undefined = rpcUrl ? { rpcUrl } : undefined
  const uptoSchemeOptions: UptoEvmSchemeOptions | undefined = rpcUrl ? { rpcUrl } : undefined
  const svmSchemeOptions = svmRpcUrl ? { rpcUrl: svmRpcUrl } : undefined
  const client = new x402Client()
    .register('eip155:*', new ExactEvmScheme(evmSigner, evmSchemeOptions))
    .register('eip155:*', new UptoEvmClientScheme(evmSigner, uptoSchemeOptions))
    .registerV1('base-sepolia', new ExactEvmSchemeV1(evmSigner))
    .registerV1('base', new ExactEvmSchemeV1(evmSigner))
    .register('solana:*', new ExactSvmScheme(solana as never, svmSchemeOptions))
    .registerV1('solana-devnet', new ExactSvmSchemeV1(solana as never))
    .registerV1('solana', new ExactSvmSchemeV1(solana as never, svmSchemeOptions))
  const { data, headers, status } = await wrapAxiosWithPayment(axios, client).get(url)
  const receipt = decodePaymentResponseHeader(headers['payment-response'] || headers['x-payment-response'])
  return { success: receipt.success, data, status, payer: receipt.payer }
}

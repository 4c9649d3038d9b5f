import { x402Client } from 'pay402'
import { ExactEvmScheme, UptoEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { ExactSvmScheme, toClientSvmSigner } from 'pay402/svm'
import { type Seller, TestScheme, testAccounts } from 'pay402/testing'
import { privateKeyToAccount } from 'viem/accounts'
import type { ClientOptions } from '../../../../src/client/options.js'
import type { SchemeNetworkClient } from '../../../../src/payment/scheme.js'

/** The account of {@link testAccounts}, as viem has it. */
export const account = privateKeyToAccount(testAccounts.evm.privateKey)

/** A scheme of each kind; none asks a chain. */
export const schemes = {
  'test scheme': async () => new TestScheme(),
  'exact on EVM': async () => new ExactEvmScheme(account),
  'upto on EVM': async () => new UptoEvmScheme(account),
  'exact on Solana': async () =>
    new ExactSvmScheme(await toClientSvmSigner(testAccounts.solana.secretKey), { rpc: {} }),
} satisfies Record<string, () => Promise<SchemeNetworkClient>>

/** A client of one scheme, and its fetch to one seller. */
export function createBuyer(
  seller: Pick<Seller, 'fetch'>,
  scheme: SchemeNetworkClient = new TestScheme(),
  options: ClientOptions = {},
) {
  const client = new x402Client(options).register('eip155:*', scheme).register('solana:*', scheme)
  return { client, paidFetch: wrapFetchWithPayment(seller.fetch, client) }
}

import { type Address, generateKeyPairSigner } from '@solana/kit'
import { ExactSvmScheme } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import { type SvmChain, USDC_MINT } from '../../support/chain/svm/create-svm-chain.js'

/** A buyer of ours with a fresh key on a cluster. */
export type SvmBuyer = { address: Address; client: x402Client; fetch: typeof fetch; scheme: ExactSvmScheme }

/**
 * Creates a buyer with a balance.
 *
 * @param mint - Of which token.
 * @param amount - Atomic units; `undefined` for no token account at all.
 */
export async function createSvmBuyer(
  chain: SvmChain,
  { mint = USDC_MINT, amount = 1_000_000n }: { mint?: Address; amount?: bigint | undefined } = {},
  options: ClientOptions = {},
): Promise<SvmBuyer> {
  const signer = await generateKeyPairSigner()
  await chain.writeAccount(signer.address, { mint, amount })
  const scheme = new ExactSvmScheme(signer, { rpc: { [chain.network]: chain.url } })
  const client = new x402Client(options).register('solana:*', scheme)
  return { address: signer.address, client, fetch: wrapFetchWithPayment(fetch, client), scheme }
}

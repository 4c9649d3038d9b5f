import type { Address, Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { paymentOf, wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, x402Client } from '../../../src/index.js'
import type { Chain } from '../../support/chain/create-chain.js'

/** A buyer of ours with a fresh wallet on a chain. */
export type ChainBuyer = {
  address: Address
  client: x402Client
  fetch: typeof fetch
  /** Nonces of every authorization that was signed. */
  nonces: readonly Hex[]
  /** The same wallet with another client, as after a restart. What it signs is among the nonces, too. */
  restart: (options: ClientOptions) => ChainBuyer
}

/** Creates a buyer with `balance` atomic units of the chain's dollar. */
export async function createChainBuyer(
  chain: Chain,
  balance = 1_000_000n,
  options: ClientOptions = {},
): Promise<ChainBuyer> {
  const account = privateKeyToAccount(generatePrivateKey())
  if (balance > 0n) await chain.mint(account.address, balance)
  const nonces: Hex[] = []
  const start = (options: ClientOptions): ChainBuyer => {
    const client = new x402Client(options)
      .register('eip155:*', new ExactEvmScheme(account))
      .onAfterPaymentCreation(async ({ paymentPayload }) => {
        nonces.push(Reflect.get(new Object(paymentPayload.payload['authorization']), 'nonce'))
      })
    return { address: account.address, client, fetch: wrapFetchWithPayment(fetch, client), nonces, restart: start }
  }
  return start(options)
}

/** The payment beside an answer that must have cost something. */
export function paymentFor(response: Response) {
  const payment = paymentOf(response)
  if (payment === undefined) throw new Error('the answer was free')
  return payment
}

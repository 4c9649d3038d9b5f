import { decodePaymentSignatureHeader } from '@x402/core/http'
import { ExactEvmScheme } from '@x402/evm'
import { wrapFetchWithPayment, x402Client } from '@x402/fetch'
import { type Address, type Hex, isHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import type { Chain } from './create-chain.js'
import type { OfficialSeller } from './official-seller.js'

/** A fresh account that buys with the official client. */
export type OfficialBuyer = { address: Address; fetch: typeof fetch }

const Payload = z.object({ authorization: z.object({ nonce: z.string().refine(isHex) }) })

/** Creates a buyer with `balance` atomic units of the chain's dollar: what our own client is measured against. */
export async function createOfficialBuyer(chain: Chain, balance = 1_000_000n): Promise<OfficialBuyer> {
  const account = privateKeyToAccount(generatePrivateKey())
  await chain.mint(account.address, balance)
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(account))
  return { address: account.address, fetch: wrapFetchWithPayment(fetch, client) }
}

/** The payment headers that reached a seller, in order. */
export function paymentsTo(seller: OfficialSeller): string[] {
  return seller.requests.flatMap(({ headers }) => [headers['payment-signature'] ?? []].flat())
}

/** The EIP-3009 nonce of a payment header. */
export function nonceOf(payment: string): Hex {
  return Payload.parse(decodePaymentSignatureHeader(payment).payload).authorization.nonce
}

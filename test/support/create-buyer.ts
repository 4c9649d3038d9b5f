import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../schemes/evm/index.js'
import type { ClientOptions } from '../../src/client/options.js'
import type { Payer } from '../../src/client/payer.js'
import { x402Client } from '../../src/client/x402-client.js'
import { type WrapFetchOptions, wrapFetchWithPayment } from '../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../src/ledger/book/memory-ledger.js'
import { readAll } from '../../src/testing/ledger/bench.js'

/** The key of the published vectors: worth nothing anywhere. */
export const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)

/** A wallet that counts what it signs. */
export function createCountingSigner() {
  let signatures = 0
  const signer = {
    address: account.address,
    signTypedData(...parameters: Parameters<typeof account.signTypedData>) {
      signatures++
      return account.signTypedData(...parameters)
    },
  }
  return { signer, signatures: () => signatures }
}

/** Restricts a client for the one who calls. */
export type Narrow = (client: x402Client) => Payer

/** A buyer whose wallet counts what it signs, and whose ledger a test can read. */
export function createBuyer(
  options: ClientOptions = {},
  wrap: WrapFetchOptions = {},
  narrow: Narrow = (client) => client,
) {
  const { signer, signatures } = createCountingSigner()
  const ledger = options.ledger ?? createMemoryLedger()
  const client = new x402Client({ ...options, ledger }).register('eip155:*', new ExactEvmScheme(signer))
  const payer = narrow(client)
  return {
    client,
    /** Who pays: the client itself, or what a test made of it. */
    payer,
    ledger,
    paidFetch: wrapFetchWithPayment(fetch, payer, wrap),
    signatures,
    records: () => readAll(ledger),
  }
}

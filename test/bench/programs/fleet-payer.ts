import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import type { Ledger } from 'pay402/ledger'
import { stubbedSigner } from '../../support/counts/buyers.js'
import { createSeller } from '../../support/counts/seller.js'

/** Makes one paid call on a ledger, by a client with three limits that count, with a constant signature and a seller in this process. */
export function createPayer(ledger: Ledger): () => Promise<void> {
  const most = '$1000000'
  const limits = { perPayment: '$1', perDay: most, total: most, perHost: { perDay: most } } as const
  const client = new x402Client({ limits, ledger }).register('eip155:*', new ExactEvmScheme(stubbedSigner))
  const paidFetch = wrapFetchWithPayment(createSeller(), client)
  return async () => {
    const response = await paidFetch('https://api.example.com/paid')
    await response.text()
  }
}

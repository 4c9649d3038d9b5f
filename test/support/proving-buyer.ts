import { ExactEvmScheme } from '../../schemes/evm/index.js'
import type { ClientOptions } from '../../src/client/options.js'
import { x402Client } from '../../src/client/x402-client.js'
import { type WrapFetchOptions, wrapFetchWithPayment } from '../../src/fetch/wrap-fetch-with-payment.js'
import { createMemoryLedger } from '../../src/ledger/book/memory-ledger.js'
import type { ChainVerdict, Described } from '../../src/payment/scheme.js'
import { account } from './create-buyer.js'
import { createBriskClock } from './money/create-brisk-clock.js'

/** A buyer whose scheme asks a chain that the test speaks for. */
export function createProvingBuyer(options: ClientOptions = {}, wrap: WrapFetchOptions = {}) {
  const clock = createBriskClock()
  const ledger = options.ledger ?? createMemoryLedger({ clock })
  const chain = {
    verdict: 'unknown' as ChainVerdict['verdict'],
    canceled: [] as string[],
  }
  const wallet = { isLocked: false }
  let signatures = 0
  const scheme = Object.assign(
    new ExactEvmScheme({
      address: account.address,
      signTypedData(...parameters: Parameters<typeof account.signTypedData>) {
        if (wallet.isLocked) throw new Error('the wallet is locked')
        signatures++
        return account.signTypedData(...parameters)
      },
    }),
    {
      canReconcile: () => true,
      reconcile: async (): Promise<ChainVerdict> => ({ verdict: chain.verdict }),
      cancel: async ({ nonce }: Described) => {
        chain.canceled.push(nonce)
        return { transaction: `0x${'ca'.repeat(32)}` as const }
      },
    },
  )
  const client = new x402Client({ clock, ...options, ledger }).register('eip155:*', scheme)
  const paidFetch = wrapFetchWithPayment(fetch, client, wrap)
  return { client, clock, ledger, chain, wallet, paidFetch, signatures: () => signatures }
}

import { ExactEvmScheme, type TypedData } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { URL_OF_SHOP } from './shop.js'

/** How a call ended. */
export type Ending = {
  readonly status?: number
  readonly code?: string
  readonly money?: string
}

/** How many payments the limits allow in a day. */
export const MOST_PAYMENTS = 2

const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'

/** Creates a buyer that remembers the nonces that it signed. */
export function createCustomer({ ledger, clock }: { ledger: Ledger; clock: Clock }, send: typeof fetch) {
  const signed: string[] = []
  const signer = {
    address: PAYER,
    async signTypedData({ message }: TypedData) {
      signed.push(String(message['nonce']))
      return `0x${'1b'.repeat(65)}` as const
    },
  }
  const client = new x402Client({ ledger, clock, limits: { perDay: { payments: MOST_PAYMENTS } } })
  const paidFetch = wrapFetchWithPayment(send, client.register('eip155:*', new ExactEvmScheme(signer)))
  return {
    signed,
    /** Asks for what the shop sells; the key is the purchase's. */
    async buy(purchase: string | undefined): Promise<Ending> {
      try {
        const { status } = await paidFetch(URL_OF_SHOP, { x402: { purchase, redeliver: 'never' } })
        return { status }
      } catch (error) {
        if (!isX402Error(error)) throw error
        return { code: error.code, money: error.money }
      }
    },
  }
}

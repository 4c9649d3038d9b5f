import { ExactEvmScheme, type TypedData } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import type { Clock } from '../../../src/payment/clock.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import type { RandomBytes } from '../../../src/payment/random.js'
import { type Client, MOST_OF_A_NAME, MOST_PAYMENTS, type Role } from './cast.js'
import { CALL_HEADER, TERMS_TOLD, URL_OF_SHOP } from './shop.js'

/** How a call ended. */
export type Ending = {
  readonly status?: number
  readonly code?: string
  readonly money?: string
}

/** What a customer buys with. */
export type Means = {
  readonly ledger: Ledger
  readonly clock: Clock
  readonly random: RandomBytes
  readonly send: typeof fetch
  /** Is told of each payment before it's signed. */
  onSign(nonce: string): Promise<void>
}

const PAYER = '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A'

/** Creates a customer: one client, all of whose calls ask for what the shop sells. */
export function createCustomer({ name, prepay: onChange }: Client, { ledger, clock, random, send, onSign }: Means) {
  const signer = {
    address: PAYER,
    async signTypedData({ message }: TypedData) {
      await onSign(String(message['nonce']))
      return `0x${'1b'.repeat(65)}` as const
    },
  }
  const prepay = onChange && [{ route: `GET ${URL_OF_SHOP}`, terms: TERMS_TOLD, onChange }]
  const client = new x402Client({ ledger, clock, random, prepay, limits: { perDay: { payments: MOST_PAYMENTS } } })
  client.register('eip155:*', new ExactEvmScheme(signer))
  const payer =
    name === undefined ? client : client.restrict({ reach: 'anywhere', name, total: { payments: MOST_OF_A_NAME } })
  const paidFetch = wrapFetchWithPayment(send, payer)

  return {
    async buy(call: number, { key, credential, inFlight, redeliver = 'never' }: Role): Promise<Ending> {
      const headers = { [CALL_HEADER]: String(call), ...(credential !== undefined && { authorization: credential }) }
      try {
        const { status } = await paidFetch(URL_OF_SHOP, { headers, x402: { purchase: key, inFlight, redeliver } })
        return { status }
      } catch (error) {
        if (!isX402Error(error)) throw error
        return { code: error.code, money: error.money }
      }
    },
  }
}

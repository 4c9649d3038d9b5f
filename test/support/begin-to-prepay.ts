import { expect } from 'vitest'
import type { ClientOptions } from '../../src/client/options.js'
import type { WrapFetchOptions } from '../../src/fetch/wrap-fetch-with-payment.js'
import { createBuyer, type Narrow } from './create-buyer.js'
import { startChangingSeller } from './start-changing-seller.js'

/** A buyer who has paid a seller once, so that the next call is prepaid. */
export async function beginToPrepay(
  options: ClientOptions = {},
  { onChange, wrap, narrow }: { onChange?: 'pay-new'; wrap?: WrapFetchOptions; narrow?: Narrow } = {},
) {
  const seller = await startChangingSeller()
  const buyer = createBuyer({ prepay: [{ route: seller.url, onChange }], ...options }, wrap, narrow)
  const buy = (init?: Parameters<typeof buyer.paidFetch>[1]) => buyer.paidFetch(seller.url, init)
  expect((await buy()).status).toBe(200)
  return { seller, buyer, buy }
}

/** Which of the requests carried a payment. */
export function listPaid(requests: readonly { readonly payment?: unknown }[]): boolean[] {
  return requests.map(({ payment }) => payment !== undefined)
}

/** State and amount of each payment in the ledger, in the order of the alphabet. */
export async function readCounted({ records }: Pick<ReturnType<typeof createBuyer>, 'records'>) {
  return (await records()).map(({ state, terms: { amount } }) => `${state} ${amount}`).toSorted()
}

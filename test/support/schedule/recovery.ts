import { isOpen, isUnderWay } from '../../../src/payment/purchase.js'
import { createCounter } from '../../../src/testing/chance.js'
import type { ManualClock } from '../../../src/testing/manual-clock.js'
import type { Cast } from './cast.js'
import { createCustomer } from './customer.js'
import type { Referee } from './referee.js'
import type { Shop } from './shop.js'
import type { Store } from './store.js'

/** What is left once a story has ended. */
export type Rest = {
  readonly cast: Cast
  readonly store: Store
  readonly clock: ManualClock
  readonly shop: Shop
  readonly referee: Referee
}

/**
 * Starts everything again, and makes as many calls as there are open payments: what is open is delivered without another signature.
 *
 * @returns What was broken.
 */
export async function recover({ cast, store, clock, shop, referee }: Rest): Promise<readonly string[]> {
  const [ledger] = store.handles
  const found: string[] = []
  // It may have brought nothing only because it was asked for more.
  shop.relent()
  for (const { id } of (await store.rows()).filter(isOpen)) {
    const client = referee.makerOf(id) ?? 0
    const call = cast.calls.findIndex((one) => one.client === client)
    const [own, role] = [cast.clients[client], cast.calls[call]]
    if (own === undefined || role === undefined) throw new Error(`nobody made payment ${id}`)
    let signatures = 0
    const send = shop.visit({ ask: async () => undefined, carry: async (_request, sell) => sell() })
    const onSign = async () => {
      signatures += 1
    }
    const customer = createCustomer(own, { ledger, clock, random: createCounter(100), send, onSign })
    const { status, code } = await customer.buy(call, role)
    if (status !== 200) found.push(`R7: an open payment was not delivered afterwards: ${status ?? code}`)
    if (signatures > 0) found.push('R1: another payment was signed while one was open')
  }
  const rows = await store.rows()
  if (rows.some((row) => isOpen(row) || isUnderWay(row))) found.push('R7: a payment is open for ever')
  const { count } = await ledger.spent({ name: 'perDay', unit: 'payments/all', scope: {}, windowSeconds: 86_400 })
  if (count < shop.taken.size) found.push(`R2: ${shop.taken.size} payments were taken, and ${count} count`)
  return found
}

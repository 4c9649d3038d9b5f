import type { Cap } from '../../payment/ledger.js'
import { DOLLAR } from './draft.js'

/** A cap of so many dollars, for ever and on all payments. */
export function createCap(amount: number, change: Partial<Cap> = {}): Cap {
  return { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined, amount: BigInt(amount) * DOLLAR, ...change }
}

import type { Cap } from '../../payment/ledger.js'
import { DOLLAR } from './draft.js'

/** Creates a cap of so many dollars, on all payments, without a window. */
export function createCap(amount: number, change: Partial<Cap> = {}): Cap {
  return { name: 'total', unit: 'usd', scope: {}, windowSeconds: undefined, amount: BigInt(amount) * DOLLAR, ...change }
}

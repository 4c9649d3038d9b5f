import { isUnderWay } from '../payment/purchase.js'
import { abandon, type Changing } from './record.js'

/** What it meant for payments that their process is gone. */
export type Recovered = {
  /** Payments that were reserved and never sent: they count no more. */
  readonly released: number
  /** Payments that were sent and whose answer nobody waits for any more: they count, and the same purchase presents them again. */
  readonly lost: number
}

/** Changes payments to what they are once their process is gone. */
export function recover(drafts: readonly Changing[]): Recovered {
  const found = { released: 0, lost: 0 }
  for (const draft of drafts.filter(isUnderWay)) found[abandon(draft).state === 'released' ? 'released' : 'lost'] += 1
  return found
}

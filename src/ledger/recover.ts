import { type Changing, learn } from './record.js'

/** What it meant for payments that their process is gone. */
export type Recovered = {
  /** Payments that were reserved and never sent: they count no more. */
  readonly released: number
  /** Payments that were sent and whose answer nobody waits for any more: they count, and the same purchase presents them again. */
  readonly lost: number
}

/**
 * Changes payments to what they are once their process is gone: nobody holds the signature of what was never sent, and nobody waits for
 * the answer to what was.
 */
export function recover(drafts: readonly Changing[]): Recovered {
  const found = { released: 0, lost: 0 }
  for (const draft of drafts) {
    if (draft.state === 'reserved' || draft.state === 'signed') {
      learn(draft, 'released', {})
      found.released += 1
    } else if (draft.state !== 'released' && draft.delivery === 'none') {
      learn(draft, draft.state, { delivery: 'lost' })
      found.lost += 1
    }
  }
  return found
}

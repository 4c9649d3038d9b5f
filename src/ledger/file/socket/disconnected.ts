import { systemClock } from '../../../payment/clock.js'
import { type Holder, judgeHolder } from '../holder.js'
import type { Holdings } from '../holdings.js'

/** Processes that have payments in flight and were served by a process that is gone, until they come here or are found gone themselves. */
export type Disconnected = {
  /** How many there are. */
  count(): number
  /** Takes one off: it's here. */
  returned(owner: string): void
  /** Ends what those have in flight that are gone; to be waited for where that matters. */
  settle(): Promise<void>
}

/**
 * How long one that is there may stay away, in milliseconds. It's about waiting and never about money: what was reserved is released before it
 * is sent, and what was sent settles once, whoever presents it.
 */
const PATIENCE_MS = 15_000

/**
 * Creates the list of those that the file names.
 *
 * @param self - This process, which isn't absent.
 * @param leave - Ends what one has in flight.
 */
export function createDisconnected(
  holdings: Holdings,
  self: Holder,
  leave: (owner: string) => Promise<void>,
): Disconnected {
  const owners = new Set(holdings.all().map(([, { owner }]) => owner))
  owners.delete(self.token)
  const sinceMs = systemClock.monotonicMs()

  async function isGone(owner: string): Promise<boolean> {
    const holder = holdings.processes.get(owner)
    if (holder === undefined || systemClock.monotonicMs() - sinceMs > PATIENCE_MS) return true
    return (await judgeHolder(holder, self)) !== 'alive'
  }

  async function settle(owner: string): Promise<void> {
    // It may have come while it was being looked for.
    if ((await isGone(owner)) && owners.delete(owner)) await leave(owner)
  }

  return {
    count: () => owners.size,
    returned: (owner) => void owners.delete(owner),
    async settle() {
      await Promise.all([...owners].map(settle))
    },
  }
}

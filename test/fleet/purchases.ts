import type { Ended } from './plan.js'

/** Which purchases are to be made, by whom, and what came of them: a queue as backends have them, which delivers again what wasn't acknowledged. */
export type Purchases = {
  /** The next one for a worker: one that has to be tried again, else one of its own. */
  take(worker: number): number | undefined
  /** Notes how a try ended. Returns whether it failed, and waits for `retry`. */
  end(ended: Pick<Ended, 'purchase' | 'is'>): boolean
  /** Lets anyone try it in place of a try that failed, or whose worker is gone. */
  retry(purchase: number): void
  /** Lets anyone try it beside a try whose worker doesn't answer. */
  handOver(purchase: number): void
  /** Asks again for some that were refused; returns how many. */
  askAgain(most: number): number
  /** How many aren't over. */
  open(): number
  /** How many were paid for. */
  paid(): number
}

type Purchase = {
  /** How often it is in the queue, under way, or waits for its next try. */
  tries: number
  outcome: 'paid' | 'refused' | undefined
}

/**
 * Creates the queue.
 *
 * @param count - How many purchases there are, numbered from 0.
 * @param workers - How many share them; each has as many of its own.
 */
export function createPurchases(count: number, workers: number): Purchases {
  const purchases = Array.from({ length: count }, (): Purchase => ({ tries: 1, outcome: undefined }))
  const own = Array.from({ length: workers }, (_, worker) => worker)
  const again: number[] = []
  let open = count
  let paid = 0

  return {
    take(worker) {
      const repeated = again.shift()
      if (repeated !== undefined) return repeated
      const next = own[worker]
      if (next === undefined || next >= count) return undefined
      own[worker] = next + workers
      return next
    },
    end({ purchase, is }) {
      const one = find(purchases, purchase)
      if (is === 'paid' && one.outcome !== 'paid') paid++
      if (is === 'paid' || (is === 'refused' && one.outcome === undefined)) one.outcome = is
      if (one.outcome === undefined) return true
      one.tries--
      if (one.tries === 0) open--
      return false
    },
    retry(purchase) {
      again.push(purchase)
    },
    handOver(purchase) {
      find(purchases, purchase).tries++
      again.push(purchase)
    },
    askAgain(most) {
      const refused = purchases.flatMap(({ outcome }, purchase) => (outcome === 'refused' ? [purchase] : []))
      const asked = refused.slice(0, most)
      for (const purchase of asked) {
        const one = find(purchases, purchase)
        one.outcome = undefined
        one.tries++
        open++
        again.push(purchase)
      }
      return asked.length
    },
    open: () => open,
    paid: () => paid,
  }
}

function find(purchases: readonly Purchase[], purchase: number): Purchase {
  const one = purchases[purchase]
  if (one === undefined) throw new Error(`no purchase ${purchase}`)
  return one
}

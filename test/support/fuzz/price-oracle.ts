import type { Try } from './any-story.js'
import { type Fate, type Rules, resourceOf, type Served } from './purchase-oracle.js'

/** For how long a price is known after something was delivered at it, in seconds. */
const KNOWN_SECONDS = 600

type Known = { readonly held: number; readonly needed: number; readonly atSeconds: number }

/** What became of a call whose payment left. */
type Left = { readonly fate: Fate; readonly receipt: Served['receipt'] | undefined }

/** Says which calls pay without asking. Written from the decisions and the guide, and with nothing of `src`. */
export function createPriceOracle({ prepay }: Pick<Rules, 'prepay'>) {
  const known = new Map<string, Known>()
  // Each client learns for itself, and each address and method has its own price.
  const nameOf = ({ asker, call }: Try) => `${asker} ${resourceOf(call)}`

  return {
    /** Whether a call pays with its first request: its price has held, and not too long ago. */
    knows(one: Try, nowSeconds: number): boolean {
      const price = known.get(nameOf(one))
      if (prepay === undefined || price === undefined || price.held < price.needed) return false
      return nowSeconds >= price.atSeconds && nowSeconds < price.atSeconds + KNOWN_SECONDS
    },
    /** A price is learned where something was delivered for a good receipt; anything else makes the seller be asked until it has held twice. */
    note(one: Try, { fate, receipt }: Left, hasAsked: boolean, nowSeconds: number): void {
      const isElsewhere = hasAsked && one.isMoved === 'elsewhere'
      const before = known.get(nameOf(one))
      if (fate !== 'delivered' || (receipt !== 'good' && receipt !== 'accepted')) {
        if (before !== undefined && !isElsewhere) known.set(nameOf(one), { held: 0, needed: 2, atSeconds: nowSeconds })
        return
      }
      // What is paid somewhere else says nothing of this address; another query is the same one.
      if (isElsewhere) return
      const { held = 0, needed = 1 } = before ?? {}
      known.set(nameOf(one), { held: held + 1, needed, atSeconds: nowSeconds })
    },
  }
}

import type { AskedCall } from './asked-call.js'
import { isAbove, leastOf } from './dollars.js'
import type { ToolSettings } from './options.js'

/** Which calls wait for a person, and what each may cost. */
export type Approvals = {
  /** Whether a person must say yes first. What is asked about is the price of this moment, and the yes holds for no more. */
  isNeeded(call: AskedCall): Promise<boolean>
  /** The most that a call may cost now. A yes is used up by it. */
  takeMost(call: AskedCall): string | undefined
  /** Whether the toolkit asks at all. */
  hasAsked(): boolean
}

/** Calls that a person may be thinking about, at most. */
const MOST_OPEN = 100

/**
 * Creates the book of yeses of one set of tools. A toolkit runs a tool only after the yes, so a call that was asked about is one that was said yes
 * to; any other may cost no more than what needs none.
 *
 * @param settings - From where on a person is asked, and what no one may exceed.
 * @param readPrice - What a GET or HEAD costs now, in dollars; `undefined` where that isn't known.
 */
export function createApprovals(
  { approveAbove, max }: Pick<ToolSettings, 'approveAbove' | 'max'>,
  readPrice: (call: AskedCall) => Promise<string | undefined>,
): Approvals {
  const open = new Map<string, string>()
  let asks = false
  /** What would be said yes to; `undefined` where no one needs to be asked. */
  const toAsk = async (call: AskedCall): Promise<string | undefined> => {
    const most = leastOf(max, call.max)
    if (approveAbove === undefined || (most !== undefined && !isAbove(most, approveAbove))) return undefined
    // To ask for the price of a POST could carry it out: the yes is for the most that the call says.
    const price = call.isSafe ? await readPrice(call) : most
    if (price === undefined || !isAbove(price, approveAbove)) return undefined
    return most !== undefined && isAbove(price, most) ? undefined : price
  }
  return {
    async isNeeded(call) {
      asks = true
      open.delete(call.key)
      const price = await toAsk(call)
      if (price === undefined) return false
      const [oldest] = open.keys()
      if (open.size >= MOST_OPEN && oldest !== undefined) open.delete(oldest)
      open.set(call.key, price)
      return true
    },
    takeMost(call) {
      const yes = open.get(call.key)
      open.delete(call.key)
      return leastOf(max, call.max, yes ?? approveAbove)
    },
    hasAsked: () => asks,
  }
}

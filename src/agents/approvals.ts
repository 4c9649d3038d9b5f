import type { AskedCall } from './asked-call.js'
import { isAbove, leastOf } from './dollars.js'
import { createKept } from './kept.js'
import type { ToolSettings } from './options.js'

/** Which calls wait for a person, and what each may cost. */
export type Approvals = {
  /** Whether a person must say yes first. What is asked about is the price of this moment, and the yes holds for no more. */
  isNeeded(call: AskedCall, id?: string): Promise<boolean>
  /** Takes back what a person may have said yes to: the call needs none now. */
  forget(call: AskedCall, id?: string): void
  /** The most that a call may cost now. A yes is used up by it. */
  takeMost(call: AskedCall, id?: string): string | undefined
  /** Notes that the toolkit asks whether a person must say yes, about any tool. */
  noteAsking(): void
  /** Whether the toolkit asks at all. */
  hasAsked(): boolean
  /** Whether a person was asked so often about the host of a call that there are no more questions for now. */
  isTooOften(call: AskedCall): boolean
}

/** Calls that a person may be thinking about, at most; and hosts whose questions are counted. */
const MOST_OPEN = 100

/** Most questions about one host within a minute without a yes, as for the `approve` of a client: who is asked again and again gives in. */
const ASK_AT_MOST = 20
const MINUTE_MS = 60_000

/**
 * Creates the book of yeses of one set of tools. A toolkit runs a tool only after the yes, so a call that was asked about is one that was said yes
 * to; any other may cost no more than what needs none. Where the toolkit gives its calls an id, the yes to one is no yes to another that asks for
 * the same: a person may have seen another price there, or said no.
 *
 * @param settings - From where on a person is asked, what no one may exceed, and the time.
 * @param readPrice - What a GET or HEAD costs now, in dollars; `undefined` where that isn't known.
 */
export function createApprovals(
  { approveAbove, max, clock }: Pick<ToolSettings, 'approveAbove' | 'max' | 'clock'>,
  readPrice: (call: AskedCall) => Promise<string | undefined>,
): Approvals {
  const nowMs = () => clock.monotonicMs()
  const open = createKept<string>(MOST_OPEN, Number.POSITIVE_INFINITY, nowMs)
  /** When a person was asked about a host without a yes since. */
  const questions = createKept<readonly number[]>(MOST_OPEN, Number.POSITIVE_INFINITY, nowMs)
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
  const listRecent = ({ host }: AskedCall) =>
    (questions.get(host)?.value ?? []).filter((atMs) => nowMs() - atMs < MINUTE_MS)
  const isTooOften = (call: AskedCall) => listRecent(call).length >= ASK_AT_MOST
  return {
    async isNeeded(call, id) {
      asks = true
      const key = toKey(call, id)
      open.delete(key)
      const price = await toAsk(call)
      if (price === undefined || isTooOften(call)) return false
      questions.set(call.host, [...listRecent(call), nowMs()])
      open.set(key, price)
      return true
    },
    forget: (call, id) => open.delete(toKey(call, id)),
    takeMost(call, id) {
      // Whoever asked may have known no id.
      const key = [toKey(call, id), toKey(call)].find((one) => open.get(one) !== undefined) ?? ''
      const yes = open.get(key)?.value
      open.delete(key)
      if (yes !== undefined) questions.delete(call.host)
      return leastOf(max, call.max, yes ?? approveAbove)
    },
    noteAsking() {
      asks = true
    },
    hasAsked: () => asks,
    isTooOften,
  }
}

function toKey(call: AskedCall, id = ''): string {
  return JSON.stringify([id, call.key])
}

import type { Chronicle } from './chronicle.js'
import { judgeRefusals } from './honest-callers.js'
import { judgeLimits, judgeSignatures, judgeWhatLeft } from './rules-of-money.js'
import { judgePurchases } from './rules-of-purchases.js'
import { judgeEndings, judgeRequests } from './rules-of-requests.js'
import { readChronicle } from './seen-payments.js'
import type { Nature } from './timed-story.js'

/**
 * Says what of a story broke a rule. Written from the rules, and with nothing of `src`.
 *
 * @returns Each breach, which begins with its rule's number; none when all was right.
 */
export function judgeStory(chronicle: Chronicle, nature: Nature): readonly string[] {
  const seen = readChronicle(chronicle, nature)
  return [
    ...judgePurchases(seen),
    ...judgeWhatLeft(seen),
    ...judgeSignatures(seen),
    ...judgeLimits(seen),
    ...judgeRequests(seen),
    ...judgeEndings(seen),
    ...judgeRefusals(seen),
  ]
}

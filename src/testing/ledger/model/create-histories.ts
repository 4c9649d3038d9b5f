import type { ContractError } from '../../contract-error.js'
import { type Check, createCheck } from '../../create-check.js'
import { createDice } from '../../create-dice.js'
import type { Session } from '../create-session.js'
import type { LedgerCase } from '../ledger-case.js'
import { drawHistory } from './draw-history.js'
import { followHistory } from './follow-history.js'
import { type History, showHistory } from './history.js'
import { shrinkHistory } from './shrink-history.js'

/** Histories of one case: few enough for the timeout of any runner. */
const BATCH = 10

const WHY = 'What is done to a ledger in real life is a mixture, and its sums must be right after each of them.'

/**
 * Creates the cases that compare a ledger with a model of it, over random histories.
 *
 * @param seed - Decides all histories.
 * @param histories - How many there are.
 * @param handles - How many handles on one store they go through, one or two.
 */
export function createHistories(seed: number, histories: number, handles: 1 | 2): readonly LedgerCase[] {
  const who = handles === 1 ? 'any history' : 'two handles: any history'
  return Array.from({ length: Math.ceil(histories / BATCH) }, (_, batch) => {
    const first = batch * BATCH + 1
    const last = Math.min(histories, first + BATCH - 1)
    const name = `${who}: counts exactly what a sum over all records counts (${first} to ${last} of ${histories})`
    return {
      name,
      why: WHY,
      async run(session) {
        for (let number = first; number <= last; number++) {
          const history = drawHistory(createDice(seed * 1_000_003 + number), handles)
          const place = { seed: String(seed), history: String(number) }
          await holdTo(history, (one) => {
            const check = createCheck('The ledger', { name, why: WHY, facts: { ...place, ...showHistory(one) } })
            return attempt(one, handles, session, check)
          })
        }
      },
    }
  })
}

/** Follows a history, and tells the shortest one that fails in the same ledger. */
async function holdTo(
  history: History,
  follow: (history: History) => Promise<ContractError | undefined>,
): Promise<void> {
  const failure = await follow(history)
  if (failure !== undefined) throw (await shrinkHistory(history, follow)) ?? failure
}

async function attempt(
  history: History,
  handles: 1 | 2,
  session: Session,
  check: Check,
): Promise<ContractError | undefined> {
  try {
    await session.within(check, async ({ open, openPair }) => {
      await followHistory(history, handles === 1 ? [await open()] : await openPair(), check)
    })
    return undefined
  } catch (thrown) {
    return check.toFailure(thrown)
  }
}

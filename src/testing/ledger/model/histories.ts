import { createDice } from '../../chance.js'
import { type Check, type ContractError, createCheck } from '../../check.js'
import type { LedgerCase, Session } from '../session.js'
import { drawHistory, type Handles } from './draws.js'
import { type History, showHistory } from './history.js'
import { shrinkHistory } from './shrinks.js'
import { followHistory } from './walk.js'

/** Histories of one case: few enough for the timeout of any runner. */
const BATCH = 10

const WHY = 'What is done to a ledger in real life is a mixture, and its sums must be right after each of them.'

/**
 * Creates the cases that compare a ledger with a model of it, over random histories.
 *
 * @param seed - Decides all histories.
 * @param histories - How many there are.
 * @param handles - How many handles on one store they go through, and whether those crash.
 */
export function createHistories(seed: number, histories: number, handles: Handles): readonly LedgerCase[] {
  const who = `${handles.count === 1 ? '' : 'two handles: '}any history${handles.crash ? ' with crashes' : ''}`
  return Array.from({ length: Math.ceil(histories / BATCH) }, (_, batch) => {
    const first = batch * BATCH + 1
    const last = Math.min(histories, first + BATCH - 1)
    const name = `${who}: comes to what the rules make of it (${first} to ${last} of ${histories})`
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
  { count }: Handles,
  session: Session,
  check: Check,
): Promise<ContractError | undefined> {
  try {
    await session.within(check, async (inner) => {
      const { open, openPair } = inner
      await followHistory(history, count === 1 ? [await open()] : [...(await openPair())], inner)
    })
    return undefined
  } catch (thrown) {
    return check.toFailure(thrown)
  }
}

import type { History, Step } from './history.js'

/** Smaller histories that are tried at most: each opens a ledger. */
const MAX_TRIALS = 500

/**
 * Finds a history that is as short as it can be made by leaving things out, and still fails.
 *
 * It is greedy: the first smaller one that fails is taken, and made smaller in turn.
 *
 * @param history - One that failed.
 * @param attempt - Follows a history; returns how it failed, or `undefined` when it didn't.
 * @returns How the smallest one failed, or `undefined` when no smaller one did.
 */
export async function shrinkHistory<Failure>(
  history: History,
  attempt: (history: History) => Promise<Failure | undefined>,
): Promise<Failure | undefined> {
  let smallest = history
  let failure: Failure | undefined
  let trials = 0
  let candidates = shrinks(smallest)
  for (let next = candidates.next(); !next.done && trials < MAX_TRIALS; next = candidates.next()) {
    trials += 1
    const failed = await attempt(next.value)
    if (failed === undefined) continue
    failure = failed
    smallest = next.value
    candidates = shrinks(smallest)
  }
  return failure
}

/** Everything that is one step smaller; what leaves out the most comes first. */
function* shrinks({ steps, watched }: History): Generator<History, undefined> {
  for (let size = steps.length; size > 0; size = Math.floor(size / 2)) {
    for (let end = steps.length; end >= size; end -= size) {
      yield { steps: [...steps.slice(0, end - size), ...steps.slice(end)], watched }
    }
  }
  for (const fewer of without(watched)) yield { steps, watched: fewer }
  for (const [index, step] of steps.entries()) {
    for (const smaller of simplify(step)) yield { steps: steps.with(index, smaller), watched }
  }
  return undefined
}

function* simplify(step: Step): Generator<Step> {
  if (step.do === 'note' && 'charges' in step.event && step.event.charges !== undefined) {
    yield { ...step, event: { ...step.event, charges: undefined } }
  }
  if (step.do !== 'reserve') return
  const { change } = step
  for (const caps of without(step.caps)) yield { ...step, caps }
  for (const charges of without(change.charges ?? [])) yield { ...step, change: { ...change, charges } }
  for (const tags of without(change.call?.tags ?? [])) {
    yield { ...step, change: { ...change, call: { ...change.call, tags } } }
  }
}

function* without<T>(list: readonly T[]): Generator<readonly T[]> {
  for (const index of list.keys()) yield list.toSpliced(index, 1)
}

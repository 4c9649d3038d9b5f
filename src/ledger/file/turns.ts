/** Creates a queue: works begin in the order in which they are given, each when the one before has ended, well or not. */
export function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const turn = last.then(work, work)
    last = turn
    return turn
  }
}

/**
 * Makes work that many ask for at the same time run once for all of them, and never twice at a time.
 *
 * Those who ask while it runs wait for the next run, which they share: so each one's run begins after it asked. Once a run has
 * failed, all that follow fail with the same error.
 *
 * @param work - What is to be done.
 * @returns Asks for a run, and settles with it.
 */
export function coalesce(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  let next: Promise<void> | undefined
  return () => {
    next ??= last = last.then(() => {
      next = undefined
      return work()
    })
    return next
  }
}

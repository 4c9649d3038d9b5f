/** Cases side by side: a child mostly waits, and its start needs the rest of the machine. */
const LANES = 3

/** Works side by side while there is more to do; once something fails nothing new is begun, and what was begun is waited for. */
export async function inLanes(hasMore: () => boolean, work: () => Promise<void>): Promise<void> {
  const failures: unknown[] = []
  async function walk(): Promise<void> {
    while (failures.length === 0 && hasMore()) await work().catch((failure: unknown) => failures.push(failure))
  }
  await Promise.all(Array.from({ length: LANES }, walk))
  if (failures.length > 0) throw failures[0]
}

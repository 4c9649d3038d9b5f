/** Most results that one memo keeps. Far above what an honest set of sellers asks for, and at most some hundred kilobytes. */
export const MAX_REMEMBERED = 1_000

/**
 * Creates a memory for the results of a pure function, the newest {@link MAX_REMEMBERED} of them.
 *
 * Bounded, because the keys come from sellers: one who asks with a new address every time would otherwise fill the process.
 *
 * @returns A function that answers the remembered result for `key`, or computes and remembers it.
 */
export function createBoundedMemo<Value>(): (key: string, compute: () => Value) => Value {
  const remembered = new Map<string, Value>()
  return (key, compute) => {
    const known = remembered.get(key)
    if (known !== undefined) return known
    const value = compute()
    const oldest = remembered.keys().next()
    if (remembered.size >= MAX_REMEMBERED && oldest.done === false) remembered.delete(oldest.value)
    remembered.set(key, value)
    return value
  }
}

/** Most entries that one map keeps. Far above what an honest set of sellers asks for, and at most some hundred kilobytes. */
export const MAX_REMEMBERED = 1_000

/** A memory that stays small. */
export type BoundedMap<Value> = {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
  /** Forgets the entry, if it still is this one. */
  forget(key: string, value: Value): void
}

/**
 * Creates a memory of the newest {@link MAX_REMEMBERED} entries.
 *
 * Bounded, because the keys come from sellers: one who asks with a new address every time would otherwise fill the process.
 */
export function createBoundedMap<Value>(): BoundedMap<Value> {
  const entries = new Map<string, Value>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      const oldest = entries.keys().next()
      if (entries.size >= MAX_REMEMBERED && !entries.has(key) && oldest.done === false) entries.delete(oldest.value)
      entries.set(key, value)
    },
    forget(key, value) {
      if (entries.get(key) === value) entries.delete(key)
    },
  }
}

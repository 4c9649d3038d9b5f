/** What a set of tools remembers of its calls, by what was asked: so many, for so long. */
export type Kept<T> = {
  get(key: string): { readonly value: T; readonly ageSeconds: number } | undefined
  set(key: string, value: T): void
  delete(key: string): void
}

/**
 * Creates such a memory. The oldest are forgotten first.
 *
 * @param most - How many are kept.
 * @param seconds - How long; `Infinity` for as long as there is room.
 * @param nowMs - A time that never runs backwards, in milliseconds.
 */
export function createKept<T>(most: number, seconds: number, nowMs: () => number): Kept<T> {
  const entries = new Map<string, { readonly value: T; readonly atMs: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      const ageSeconds = (nowMs() - entry.atMs) / 1000
      if (ageSeconds < seconds) return { value: entry.value, ageSeconds }
      entries.delete(key)
      return undefined
    },
    set(key, value) {
      entries.delete(key)
      const [oldest] = entries.keys()
      if (entries.size >= most && oldest !== undefined) entries.delete(oldest)
      entries.set(key, { value, atMs: nowMs() })
    },
    delete: (key) => void entries.delete(key),
  }
}

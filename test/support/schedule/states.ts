/** A state in which a story was, how many moves lead on from it, and where they lead, in their order. */
export type Node = { readonly moves: number; readonly next: string[] }

/** Counts the ways from a state to an end, without ever going through them. No way leads back to where it came from. */
export function countPaths(nodes: ReadonlyMap<string, Node>, start: string): bigint {
  const counts = new Map<string, bigint>()
  const entered = new Set<string>()
  const waiting = [start]
  while (waiting.length > 0) {
    const state = waiting.at(-1) ?? ''
    const { next = [] } = nodes.get(state) ?? {}
    const unknown = next.filter((one) => !counts.has(one))
    if (unknown.some((one) => entered.has(one))) throw new Error('a story came back to a state that it had left')
    if (unknown.length > 0) {
      entered.add(state)
      waiting.push(...unknown)
      continue
    }
    waiting.pop()
    counts.set(state, next.length === 0 ? 1n : next.reduce((sum, one) => sum + (counts.get(one) ?? 0n), 0n))
  }
  return counts.get(start) ?? 0n
}

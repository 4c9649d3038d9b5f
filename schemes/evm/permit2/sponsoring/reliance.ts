import type { RpcSource } from '../../chain/rpc-sources.js'
import type { Hex } from '../../hex.js'
import type { Permit2Nonce } from '../nonce.js'

/** Whose allowance of which token, and who is asked about it. */
export type Place = {
  readonly owner: Hex
  readonly chainId: number
  readonly asset: Hex
  readonly sources: readonly RpcSource[]
}

/** A payment that was signed a moment ago, and takes its tokens through an allowance: one signed with it, or one that was there. */
export type Reliance = Place & {
  /** What Permit2 remembers the payment by: once it is used, the allowance was used too. */
  readonly nonce: Permit2Nonce
  readonly amount: bigint
  /** What was signed with it; `undefined` when the allowance was there. */
  readonly by: string | undefined
  /** By the clock of the client, in milliseconds. */
  readonly sinceMs: number
}

/**
 * How long a payment is taken to be on its way to the chain, in milliseconds. Facilitators settle in seconds. A seller that doesn't
 * settle after that keeps no other payment waiting.
 */
const UNDER_WAY_MS = 30_000

type Entry = { -readonly [Name in keyof Reliance]: Reliance[Name] } & { isOver: boolean; change: number }

/** In the order in which they were signed. In a process, whatever scheme object signed them: a wallet often has two. */
let entries: Entry[] = []
let changes = 0

/** A number that grows whenever an allowance may have changed, or is about to. */
export function countChanges(): number {
  return changes
}

/** Remembers that a payment relies on an allowance from now on. */
export function rely(reliance: Reliance): void {
  const oldest = entries[0]
  if (oldest !== undefined && isOld(oldest, reliance.sinceMs)) {
    entries = entries.filter((entry) => !isOld(entry, reliance.sinceMs))
  }
  entries.push({ ...reliance, isOver: false, change: ++changes })
}

/** Forgets a payment that was settled, or won't be: it never left, or its seller left it at that. */
export function end(owner: Hex, nonce: bigint): void {
  for (const entry of entries) {
    if (entry.owner !== owner || entry.nonce.nonce !== nonce || entry.isOver) continue
    entry.isOver = true
    entry.change = ++changes
  }
}

/** Counts the time of a payment from now on: its wallet may have taken a while. */
export function leave(owner: Hex, nonce: bigint, sinceMs: number): void {
  for (const entry of entries) if (entry.owner === owner && entry.nonce.nonce === nonce) entry.sinceMs = sinceMs
}

/**
 * Lists the payments that are on their way.
 *
 * @param by - Also those of other tokens with which this was signed.
 */
export function listReliances(place: Place, nowMs: number, by?: string): readonly Reliance[] {
  return entries.filter((entry) => !entry.isOver && isAt(entry, place, by) && !isOld(entry, nowMs))
}

/** Whether anything changed at a place since a number was counted. */
export function hasChangedSince(count: number, place: Place, by?: string): boolean {
  return entries.some((entry) => entry.change > count && isAt(entry, place, by))
}

function isAt(entry: Entry, { owner, chainId, asset, sources }: Place, by: string | undefined): boolean {
  if (entry.owner !== owner || entry.chainId !== chainId) return false
  if (entry.asset !== asset && (by === undefined || entry.by !== by)) return false
  // Two chains may have one id, as those on which somebody tries things do.
  return entry.sources.some((source) => sources.includes(source))
}

/** Clocks of several clients may differ; one that is before it was signed says nothing. */
function isOld({ sinceMs }: Reliance, nowMs: number): boolean {
  return nowMs - sinceMs >= UNDER_WAY_MS || nowMs < sinceMs
}

import type { Durability, LedgerPlan } from './plan.js'

/** Where the ledger of a fleet is, and what may happen to it. */
export type Engine = {
  readonly ledger: LedgerPlan
  /** Ends it as an operator does, and starts it again. */
  restart(): Promise<void>
  /** Ends it as the system does when memory runs out, and starts it again. */
  kill(): Promise<void>
  pause(): Promise<void>
  goOn(): Promise<void>
  /** Ends it with what its disk has lost: the last second. */
  losePower(): Promise<void>
  /** Starts it after `losePower`. */
  start(): Promise<void>
  /** Deletes all that it holds. */
  flush(): Promise<void>
  /** Sets a copy of its data apart. */
  copy(): Promise<void>
  /** Puts the copy back in place of its data. */
  putCopyBack(): Promise<void>
  /** Takes the replica away from the primary and makes it a primary, too. Returns the ports of the old one and of the new one. */
  promote(): Promise<readonly [number, number]>
  /** Makes the old primary a replica of the new one: what it alone had is gone. */
  demote(): Promise<void>
  /** Ends it and deletes what it left. */
  stop(): Promise<void>
}

/** What a fleet's ledger is kept in. */
export type EngineName = 'redis' | 'postgres' | 'file' | 'memory'

/** How an engine is set up. */
export type EngineOptions = {
  /** How often Redis writes its log to the disk. @default 'always' */
  readonly appendfsync?: 'always' | 'everysec' | undefined
  /** What the ledgers are told of that. @default 'fsync' */
  readonly durable?: Durability | undefined
  /** Whether a second Redis follows the first. @default false */
  readonly hasReplica?: boolean | undefined
}

/** For an incident that this engine can't have: a scenario names another. */
export async function cannot(): Promise<never> {
  throw new Error('this engine has no such incident')
}

/** An engine that nothing happens to. */
export const nothing: Omit<Engine, 'ledger'> = {
  restart: cannot,
  kill: cannot,
  pause: cannot,
  goOn: cannot,
  losePower: cannot,
  start: cannot,
  flush: cannot,
  copy: cannot,
  putCopyBack: cannot,
  promote: cannot,
  demote: cannot,
  stop: async () => undefined,
}

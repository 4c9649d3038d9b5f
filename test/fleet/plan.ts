/** What one purchase costs, in atomic units of USDC, and as people write it. */
export const PRICE = 10_000n
export const CENTS = 1

/** How long a process that is gone, or frozen, keeps what it had in flight. */
export const LEASE_SECONDS = 15

/** Where the ledger of a worker is. */
export type LedgerPlan =
  | { readonly in: 'memory' }
  | { readonly in: 'file'; readonly path: string }
  | { readonly in: 'redis'; readonly port: number; readonly durable: Durability }
  | { readonly in: 'postgres'; readonly url: string }

/** What a Redis ledger is told of its engine. */
export type Durability = 'fsync' | 'best-effort' | { readonly replicas: number }

/** What a worker is started with. */
export type WorkerPlan = {
  readonly seller: string
  readonly ledger: LedgerPlan
  /** Most that all of them together may spend in a day, such as `$50.00`. */
  readonly budget: string
  /** By how much the clock of this process is ahead. */
  readonly clockAheadSeconds: number
}

/** What the director tells a worker. */
export type Order =
  | { readonly ask: number }
  /** The engine is at another port from now on, as a Sentinel would say. */
  | { readonly use: number }
  | { readonly tellBooks: true }

/** How one try of a purchase ended. What failed may be tried again, by anyone. */
export type Ended = {
  readonly purchase: number
  readonly is: 'paid' | 'refused' | 'failed'
  /** The code of the error, or the status of the response. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly money?: string | undefined
  readonly ms: number
}

/** What the ledger counts, as one worker reads it. */
export type Counted = {
  /** The nonces of all payments that aren't released. */
  readonly nonces: readonly string[]
  /** How many payments the running sum of the budget is made of. */
  readonly sum: number
}

/** What a worker tells the director. */
export type Report =
  | { readonly isReady: true }
  | { readonly ended: Ended }
  | { readonly warning: string }
  | { readonly opening: string }
  | { readonly counted: Counted }

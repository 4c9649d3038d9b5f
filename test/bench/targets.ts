/** One line of the table: what is measured, and where it should be. */
export type Target = {
  readonly id: string
  readonly what: string
  /** Figures without one are ratios. */
  readonly unit?: string
  /** The most that is allowed now. */
  readonly reach: number
  /** The most that is aimed at, where it is less. */
  readonly goal?: number
  /** The official client's figure, where it isn't measured: 1 by definition, or it has no such thing. */
  readonly official?: '1' | '–'
}

/** The table of the decisions on speed. */
export const targets: readonly Target[] = [
  { id: 'hot', what: 'hot, added work, over official', reach: 0.75, goal: 0.5, official: '1' },
  { id: 'phases', what: 'phases, own work, over official', reach: 1.2, goal: 0.9, official: '1' },
  { id: 'whole', what: 'whole, CPU over floor', reach: 1.35, goal: 1.2 },
  { id: 'whole-hash', what: "whole, CPU over floor, signing: 'hash'", reach: 1.2, goal: 1.05 },
  { id: 'trip', what: '20 prepaid calls at 50 ms, over official', reach: 0.56, official: '1' },
  { id: 'trip-cold', what: 'first call on a cold connection, in round trips of 50 ms', reach: 3.3 },
  { id: 'trip-cold-known', what: 'the same, prepaid at terms given ahead', reach: 2.3 },
  { id: 'allocated', what: 'allocated per paid call', unit: 'kB', reach: 75, goal: 60 },
  { id: 'fresh', what: 'calls 2 to 51 of a process, over official', reach: 1.15, goal: 1, official: '1' },
  { id: 'in-flight-64', what: '64 in flight, over floor', reach: 1.35 },
  { id: 'in-flight-256', what: '256 in flight, over floor', reach: 1.15 },
  { id: 'ledger-payment', what: 'memory ledger, per payment that is over', unit: 'B', reach: 120, official: '–' },
  { id: 'ledger-million', what: 'memory ledger, 1,000,000 payments', unit: 'MB', reach: 150, official: '–' },
  { id: 'file-million', what: "file ledger's process, 1,000,000 payments", unit: 'MB', reach: 250, official: '–' },
  { id: 'ledger-step', what: 'ledger step at 1,000,000 payments over 5,000', reach: 1.5, official: '–' },
  { id: 'file-alone', what: 'file ledger over append + fdatasync, alone', reach: 3.6, official: '–' },
  { id: 'file-64', what: 'file ledger over append + fdatasync, at 64', reach: 3.2, official: '–' },
  { id: 'first-load-one', what: 'first load fetch + EVM, gzip, as one file', unit: 'kB', reach: 40, goal: 35 },
  { id: 'first-load-split', what: 'first load fetch + EVM, gzip, split by esbuild', unit: 'kB', reach: 42, goal: 38 },
  { id: 'free', what: 'free call over bare fetch, CPU', reach: 1.05 },
  { id: 'offers', what: '10,000 offers over JSON.parse alone', reach: 1.5, official: '–' },
  {
    id: 'solana-seller',
    what: 'Solana after the first, seller’s blockhash, over official',
    reach: 0.25,
    official: '1',
  },
  {
    id: 'solana-cluster',
    what: 'Solana after the first, cluster’s blockhash, over official',
    reach: 0.25,
    official: '1',
  },
  { id: 'solana-memo', what: 'Solana after the first, seller’s memo, over official', reach: 0.25, official: '1' },
  { id: 'fleet-redis-call', what: 'Redis (always) adds to a paid call, over 2 ms + 3 fsyncs', reach: 1, official: '–' },
  { id: 'fleet-postgres-call', what: 'Postgres adds to a paid call, over 4 ms + 1 fsync', reach: 1, official: '–' },
  { id: 'fleet-redis-cpu', what: "Redis's processor time for a payment", unit: 'µs', reach: 600, official: '–' },
  { id: 'fleet-redis-bytes', what: 'Redis, per payment that is over', unit: 'B', reach: 600, official: '–' },
  { id: 'fleet-million', what: 'reserve in Redis at 1,000,000 payments over 10', reach: 2, official: '–' },
  {
    id: 'fleet-file',
    what: "file ledger, 8 writers: 99 of 100 of others' steps",
    unit: 'ms',
    reach: 50,
    official: '–',
  },
]

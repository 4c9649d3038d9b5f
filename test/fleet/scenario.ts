import type { EngineName, EngineOptions } from './engine.js'

/** What may happen to a fleet, from the least harm to the most. */
export const INCIDENTS = {
  'lose-response': 'responses lost with the process that waited for them',
  'kill-worker': 'kill -9 of a process',
  'pause-worker': 'processes frozen for longer than their lease',
  'restart-engine': 'restarts of the engine',
  'kill-engine': 'kill -9 of the engine',
  'pause-engine': 'freezes of the engine',
  'lose-power': "power losses of the engine's machine: the last second of its log is gone",
  'lose-all-power': 'power losses of all machines at once',
  failover: 'replicas promoted while half of the processes still see the old primary',
  flush: 'deletions of all data (FLUSHALL)',
  copy: 'copies of the data made',
  'put-copy-back': 'old copies of the data put back',
} as const

export type Incident = {
  readonly is: keyof typeof INCIDENTS
  /** When it happens: once so many of the payments are cashed that there may be, from 0 to 1. */
  readonly at: number
  /** How long what is frozen stays so; or how long a primary that was replaced goes on, if it does no harm before. */
  readonly seconds?: number | undefined
}

/** One run: who buys what on which ledger, and what happens meanwhile. */
export type Scenario = {
  readonly name: string
  /** One sentence for who reads the result. */
  readonly what: string
  readonly engine: EngineName
  readonly options?: EngineOptions | undefined
  readonly workers: number
  /** How many purchases there are for each worker. */
  readonly calls: number
  /** For how many payments there is money. */
  readonly affordable: number
  /** By how much the clock of the first worker is ahead. */
  readonly clockAheadSeconds?: number | undefined
  readonly incidents: readonly Incident[]
  /** Whether the settings are unsafe, so that a check which sees must find something. @default false */
  readonly isUnsafe?: boolean | undefined
}

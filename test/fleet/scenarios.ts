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

/** One thing that happens during a run. */
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

/** Beyond a lease, after which others take what the frozen process had, and beyond the time in which it may put back what was lost. */
const FROZEN_SECONDS = 20

/** The same incident so many times, spread over a part of the run. */
function spread(is: Incident['is'], times: number, from = 0.05, to = 0.9): readonly Incident[] {
  return Array.from({ length: times }, (_, place) => ({ is, at: from + ((to - from) * (place + 0.5)) / times }))
}

/** Ten processes, ten thousand calls, money for half of them: the sum must be exact, whatever dies. */
export function planMain(engine: EngineName): Scenario {
  const incidents = [
    ...spread('kill-worker', 9),
    ...spread('lose-response', 2, 0.2, 0.6),
    ...(engine === 'file' ? [] : [...spread('restart-engine', 2, 0.1, 0.8), ...spread('kill-engine', 2, 0.3, 1)]),
  ]
  const what = 'Processes and their engine are killed at random.'
  return { name: 'main', what, engine, workers: 10, calls: 1000, affordable: 5000, incidents }
}

const SMALL = { workers: 5, calls: 400, affordable: 1000 } as const

/** What else may happen to a fleet, one thing at a time. */
export function planOthers(engine: EngineName): readonly Scenario[] {
  const all: readonly Scenario[] = [
    {
      ...SMALL,
      name: 'lost-response',
      what: 'Processes are killed that wait for a response which never comes; others fetch it.',
      engine,
      incidents: spread('lose-response', 3, 0.1, 0.7),
    },
    {
      ...SMALL,
      name: 'pause-worker',
      what: `Two processes are frozen for ${FROZEN_SECONDS} seconds, one after the other, and their calls are given to others.`,
      engine,
      incidents: spread('pause-worker', 2).map((one) => ({ ...one, seconds: FROZEN_SECONDS })),
    },
    {
      ...SMALL,
      name: 'clock-ahead',
      what: "One process's clock is a day ahead, and the budget is one of a day.",
      engine,
      clockAheadSeconds: 86_400,
      incidents: spread('kill-worker', 2),
    },
  ]
  if (engine === 'file') return all
  const frozen: Scenario = {
    ...SMALL,
    name: 'pause-engine',
    what: 'The engine is frozen twice: for less than the patience of its ledgers, and for longer.',
    engine,
    incidents: [
      { is: 'pause-engine', at: 0.3, seconds: 3 },
      { is: 'pause-engine', at: 0.6, seconds: 9 },
    ],
  }
  return engine === 'redis' ? [...all, frozen, ...ofRedis] : [...all, frozen]
}

/** What Redis may lose: those that live put it back. */
const ofRedis: readonly Scenario[] = [
  {
    ...SMALL,
    name: 'power-loss',
    what: 'The log is written to the disk once a second (everysec), and the machine loses its power.',
    engine: 'redis',
    options: { appendfsync: 'everysec', durable: 'best-effort' },
    incidents: [
      { is: 'lose-power', at: 0.4 },
      { is: 'lose-power', at: 0.8 },
    ],
  },
  {
    ...SMALL,
    name: 'failover',
    what: 'The replica is promoted while half of the processes still write to the old primary ({ replicas: 1 }).',
    engine: 'redis',
    options: { durable: { replicas: 1 }, hasReplica: true },
    incidents: [{ is: 'failover', at: 0.5, seconds: 3 }],
  },
  {
    ...SMALL,
    name: 'flush',
    what: 'Someone deletes all data.',
    engine: 'redis',
    incidents: [{ is: 'flush', at: 0.3 }],
  },
  {
    ...SMALL,
    name: 'old-snapshot',
    what: 'An older copy of the data is put back.',
    engine: 'redis',
    incidents: [
      { is: 'copy', at: 0.2 },
      { is: 'put-copy-back', at: 0.4 },
    ],
  },
]

/** Settings that the documentation warns of: a check that finds nothing here sees nothing. */
export const unsafe: readonly Scenario[] = [
  {
    ...SMALL,
    name: 'power-loss-of-all',
    what: 'everysec, and the processes lose their power at the same moment as Redis: none is left to put anything back.',
    engine: 'redis',
    options: { appendfsync: 'everysec', durable: 'best-effort' },
    incidents: [{ is: 'lose-all-power', at: 0.6 }],
    isUnsafe: true,
  },
  {
    ...SMALL,
    name: 'failover-unconfirmed',
    what: 'As failover, but the ledgers ask for no replica: both primaries spend what is left.',
    engine: 'redis',
    options: { hasReplica: true },
    incidents: [{ is: 'failover', at: 0.8, seconds: 90 }],
    isUnsafe: true,
  },
  {
    ...SMALL,
    name: 'ledger-per-process',
    what: 'Each process has a ledger of its own, in memory.',
    engine: 'memory',
    incidents: [],
    isUnsafe: true,
  },
]

/** One of each, for tests that run at each change. */
export function planShort(engine: EngineName): Scenario {
  const ofEngine: readonly Incident[] = [
    { is: 'restart-engine', at: 0.4 },
    { is: 'kill-engine', at: 0.7 },
  ]
  const incidents: readonly Incident[] = [
    { is: 'pause-worker', at: 0.1, seconds: FROZEN_SECONDS },
    { is: 'kill-worker', at: 0.2 },
    { is: 'lose-response', at: 0.3 },
    { is: 'kill-worker', at: 0.85 },
    ...(engine === 'file' ? [] : ofEngine),
  ]
  const what = 'One of each that may happen.'
  return { name: 'short', what, engine, workers: engine === 'file' ? 8 : 4, calls: 60, affordable: 120, incidents }
}

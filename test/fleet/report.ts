import { CENTS, LEASE_SECONDS } from './plan.js'
import type { Outcome } from './run.js'
import { INCIDENTS, type Scenario } from './scenarios.js'
import { toBooks } from './verdict.js'

/** Within which time a response that was lost with its process must have been fetched by another one. */
export const FETCHED_WITHIN_SECONDS = LEASE_SECONDS + 10

const ENGINES: Readonly<Record<Scenario['engine'], string>> = {
  redis: 'Redis',
  postgres: 'Postgres',
  file: 'a file',
  memory: 'memory',
}

/** Writes what is about to run. */
export function writeHead(scenario: Scenario, seed: number): string {
  const { name, what, engine, workers, calls, affordable, isUnsafe = false } = scenario
  const dollars = ((affordable * CENTS) / 100).toFixed(2)
  return [
    `\n${name}, in ${ENGINES[engine]}, seed ${seed}${isUnsafe ? ' (unsafe: this must not be exact)' : ''}`,
    `  ${what}`,
    `  ${workers} processes make ${toNumber(calls)} calls each at $0.0${CENTS}, and may spend $${dollars} in all: ${toNumber(affordable)} of ${toNumber(workers * calls)} calls.`,
  ].join('\n')
}

/** Writes what a run came to, as a table. */
export function writeReport(outcome: Outcome): string {
  const { happened, asked, paid, endless, errors, warnings, fetchedAfterMs } = outcome
  const books = toBooks(outcome)
  const rows: readonly (readonly [string, string | number])[] = [
    ...[...happened].map(([incident, times]) => [INCIDENTS[incident], times] as const),
    ['calls', asked],
    ['paid for, by what the processes say', paid],
    ['cashed, by what the seller says', books.cashed],
    ['counted, by what the ledger says', books.counted],
    ['cashed beyond the budget', books.over],
    ['cashed and not counted', books.uncounted],
    ['counted and not cashed', books.unspent],
    ['bought twice', books.twice],
    ['calls that never ended', endless],
    ...fetchedAfterMs.map((ms) => ['a lost response was fetched by another process after', toSeconds(ms)] as const),
    ['slowest try', toSeconds(outcome.slowestMs)],
    ['whole run', toSeconds(outcome.seconds * 1000)],
    ...listCounts('tries that failed and were made again', errors),
    ...listCounts('warnings', warnings),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return rows.map(([what, value]) => `    ${what.padEnd(width)}  ${toText(value)}`).join('\n')
}

function listCounts(what: string, counts: ReadonlyMap<string, number>): readonly (readonly [string, string])[] {
  if (counts.size === 0) return [[what, 'none']]
  return [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .map(([code, times], place) => [place === 0 ? what : '', `${code} ${toNumber(times)}`])
}

function toText(value: string | number): string {
  return typeof value === 'number' ? toNumber(value).padStart(8) : `     ${value}`
}

function toNumber(value: number): string {
  return value.toLocaleString('en-US')
}

function toSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

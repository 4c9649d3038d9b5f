import { rm } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { compilePrograms } from '../support/counts/programs.js'
import type { EngineName } from './engine.js'
import { LOGS } from './log.js'
import { FETCHED_WITHIN_SECONDS, writeHead, writeReport } from './report.js'
import { type Outcome, runScenario } from './run.js'
import { planMain, planOthers, planShort, type Scenario, unsafe } from './scenarios.js'
import { findFaults } from './verdict.js'

const USAGE = `npm run fleet -- [--engine redis|postgres|file] [--seed <number>] [--short] [<scenario> …]

Many processes share one budget while they and their engine are killed, frozen and cut off; a seller counts what it cashes.
Without names it runs all: "main" with three seeds (or with the one that you give), the others, and the unsafe ones, which must fail.
Ends with 1 if anything isn't exact. What happened in a run that isn't is in .cache/fleet.`

const SEEDS = [1, 2, 3]
const folder = `fleet-${process.pid}`
const ending = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end)
process.setMaxListeners(0) // each run ends its processes with this one

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  if (!ending.signal.aborted) throw error
  process.exitCode = 130
} finally {
  await rm(`.cache/${folder}`, { recursive: true, force: true })
}
process.exit()

/** Ends the run in order; asked again, at once: what this process started ends with it. */
function end(): void {
  if (ending.signal.aborted) process.exit(130)
  ending.abort()
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'redis' },
      seed: { type: 'string' },
      short: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const engine = readEngine(values.engine)
  const runs = planRuns(engine, values.seed === undefined ? SEEDS : [Number(values.seed)], values.short)
  const names = new Set(runs.map(([{ name }]) => name))
  if (values.help || positionals.some((name) => !names.has(name))) {
    write(`${USAGE}\n\nScenarios: ${[...names].join(', ')}`)
    return values.help
  }
  const { worker } = await compilePrograms({ worker: new URL('./worker.ts', import.meta.url) }, folder)
  const wrong: string[] = []
  for (const [scenario, seed] of runs) {
    if (positionals.length > 0 && !positionals.includes(scenario.name)) continue
    write(writeHead(scenario, seed))
    const outcome = await runScenario(scenario, seed, worker.path, ending.signal)
    write(writeReport(outcome))
    if (!(await judge(outcome))) wrong.push(`${scenario.name}, seed ${seed}`)
  }
  write(wrong.length === 0 ? '\nAll as it must be.' : `\nNot as it must be: ${wrong.join('; ')}. See ${LOGS}.`)
  return wrong.length === 0
}

function planRuns(engine: EngineName, seeds: readonly number[], isShort: boolean): (readonly [Scenario, number])[] {
  const [first = 1] = seeds
  if (isShort) return [[planShort(engine), first]]
  const others = [...planOthers(engine), ...(engine === 'redis' ? unsafe : [])]
  return [
    ...seeds.map((seed) => [planMain(engine), seed] as const),
    ...others.map((scenario) => [scenario, first] as const),
  ]
}

/** Says whether a run came to what it must: exact where the settings are safe, and seen not to be where they aren't. */
async function judge(outcome: Outcome): Promise<boolean> {
  const { scenario, fetchedAfterMs } = outcome
  // Elsewhere who fetches it may be killed, too.
  const isUndisturbed = scenario.incidents.every(({ is }) => is === 'lose-response')
  const late = isUndisturbed ? fetchedAfterMs.filter((ms) => ms > FETCHED_WITHIN_SECONDS * 1000) : []
  const faults = [
    ...findFaults(outcome),
    ...(late.length > 0 ? [`A lost response was fetched later than ${FETCHED_WITHIN_SECONDS} seconds after.`] : []),
  ]
  for (const fault of faults) write(`    ! ${fault}`)
  const isExact = faults.length === 0
  const isRight = isExact !== (scenario.isUnsafe ?? false)
  write(
    `  ${isExact ? 'Exact.' : 'Not exact.'}${scenario.isUnsafe ? (isRight ? ' So the check sees.' : ' The check is blind!') : ''}`,
  )
  if (isRight) await outcome.log.drop()
  return isRight
}

function readEngine(name: string): EngineName {
  if (name === 'redis' || name === 'postgres' || name === 'file') return name
  throw new Error(USAGE)
}

function write(text: string): void {
  process.stdout.write(`${text}\n`)
}

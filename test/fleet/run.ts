import { setTimeout as wait } from 'node:timers/promises'
import { createDice } from '../../src/testing/chance.js'
import { startCrew } from './crew.js'
import { startDirector } from './director.js'
import { type Log, openLog } from './log.js'
import type { Counted, Ended, WorkerPlan } from './plan.js'
import { CENTS } from './plan.js'
import { createPurchases, type Purchases } from './purchases.js'
import type { Incident, Scenario } from './scenarios.js'
import { openSeller, type Seller } from './seller.js'
import { startEngine } from './start-engine.js'

/** What a run came to. */
export type Outcome = {
  readonly scenario: Scenario
  readonly seed: number
  readonly seconds: number
  /** How often each incident happened. */
  readonly happened: ReadonlyMap<Incident['is'], number>
  /** Purchases that were to be made. */
  readonly asked: number
  /** As many of them were paid for, by what the workers say. */
  readonly paid: number
  /** Purchases without an end. */
  readonly endless: number
  /** Which purchase each payment was cashed for. */
  readonly cashed: ReadonlyMap<string, number>
  /** What the ledger counts; one for each ledger there is. */
  readonly counted: readonly Counted[]
  /** How often a try ended with an error, by its code. */
  readonly errors: ReadonlyMap<string, number>
  readonly warnings: ReadonlyMap<string, number>
  /** Processes that ended though no one killed them. */
  readonly ended: number
  /** The longest try of a worker that was never frozen. */
  readonly slowestMs: number
  readonly fetchedAfterMs: readonly number[]
  /** What happened, line by line. */
  readonly log: Log
}

/** No call was paid or refused for so long: what is still open never will be. Longer than a lease, a freeze, and a wait for what is claimed. */
const STALLED_MS = 120_000
const LOOK_MS = 100
/** How many of those that were refused each worker asks for once more at the end, in case something was given back. */
const LAST_ROUND = 4

/**
 * Runs a scenario: starts all of it, waits until each purchase is over, reads the books, and ends all of it.
 *
 * @param program - The compiled program of a worker.
 * @param signal - Ends it early.
 */
export async function runScenario(
  scenario: Scenario,
  seed: number,
  program: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const begun = performance.now()
  const log = await openLog(scenario, seed)
  const note = (line: string) => log.write(`${((performance.now() - begun) / 1000).toFixed(2).padStart(7)} ${line}`)
  const ending: (() => Promise<void>)[] = []
  const purchases = createPurchases(scenario.workers * scenario.calls, scenario.workers)
  const errors = new Map<string, number>()
  const warnings = new Map<string, number>()
  let gone = 0
  let slowestMs = 0
  let lastMs = performance.now()

  function onEnded({ purchase, is, code = '', message, money, ms }: Ended, wasFrozen: boolean): void {
    if (is !== 'failed') lastMs = performance.now()
    if (!wasFrozen) slowestMs = Math.max(slowestMs, ms)
    if (is !== 'failed') return
    errors.set(code, (errors.get(code) ?? 0) + 1)
    note(`purchase ${purchase}, after ${(ms / 1000).toFixed(1)} s: ${code}, money ${money}: ${message}`)
  }

  function onWarning(code: string): void {
    warnings.set(code, (warnings.get(code) ?? 0) + 1)
    note(`warning ${code}`)
  }

  try {
    const seller = await openSeller(seed)
    ending.push(seller.stop)
    const engine = await startEngine(scenario.engine, scenario.options ?? {})
    ending.push(engine.stop)
    const crew = startCrew({
      program,
      plans: planWorkers(scenario, seller, engine.ledger),
      purchases,
      onEnded(ended, wasFrozen) {
        if (ended.is === 'paid') director.notePaid(ended.purchase)
        onEnded(ended, wasFrozen)
      },
      onWarning,
      onGone: () => void gone++,
      log: note,
    })
    ending.push(crew.stop)
    const director = startDirector({ scenario, crew, engine, seller, dice: createDice(seed), log: note })
    const untilOver = async () => {
      lastMs = performance.now()
      while (purchases.open() > 0 && performance.now() - lastMs < STALLED_MS) await wait(LOOK_MS, undefined, { signal })
      await director.rest()
    }
    await untilOver()
    await askAgain(purchases, crew.work, untilOver, scenario.workers * LAST_ROUND)
    const counted = await crew.count(scenario.engine === 'memory' ? 'each' : 'one')
    return {
      scenario,
      seed,
      seconds: (performance.now() - begun) / 1000,
      happened: director.happened,
      asked: scenario.workers * scenario.calls,
      paid: purchases.paid(),
      endless: purchases.open(),
      cashed: seller.cashed,
      counted,
      errors,
      warnings,
      ended: gone,
      slowestMs,
      fetchedAfterMs: director.fetchedAfterMs,
      log,
    }
  } finally {
    for (const end of ending.toReversed()) await end()
  }
}

/** What was refused while a payment was under way that was then given back is bought now, if anyone asks. */
async function askAgain(
  purchases: Purchases,
  work: () => void,
  untilOver: () => Promise<void>,
  most: number,
): Promise<void> {
  while (true) {
    const before = purchases.paid()
    if (purchases.open() > 0 || purchases.askAgain(most) === 0) return
    work()
    await untilOver()
    if (purchases.paid() === before) return
  }
}

function planWorkers(
  { workers, affordable, clockAheadSeconds = 0 }: Scenario,
  { url }: Seller,
  ledger: WorkerPlan['ledger'],
): readonly WorkerPlan[] {
  const cents = affordable * CENTS
  const budget = `$${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
  return Array.from({ length: workers }, (_, worker) => ({
    seller: url,
    ledger,
    budget,
    clockAheadSeconds: worker === 0 ? clockAheadSeconds : 0,
  }))
}

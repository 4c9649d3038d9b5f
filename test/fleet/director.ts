import { setTimeout as wait } from 'node:timers/promises'
import type { Dice } from '../../src/testing/chance.js'
import type { Crew } from './crew.js'
import type { Engine } from './engine.js'
import type { Incident, Scenario } from './scenarios.js'
import type { Seller } from './seller.js'

/** Makes happen what a scenario says, when it says so. */
export type Director = {
  /** Lets happen what is due. Resolves once all that began is over. */
  rest(): Promise<void>
  /** What happened, by name, and how often. */
  readonly happened: ReadonlyMap<Incident['is'], number>
  /** How long each lost response took to be fetched by another process. */
  readonly fetchedAfterMs: readonly number[]
  /** Tells that a purchase is paid for. */
  notePaid(purchase: number): void
}

export type DirectorParts = {
  readonly scenario: Scenario
  readonly crew: Crew
  readonly engine: Engine
  readonly seller: Seller
  readonly dice: Dice
  log(line: string): void
}

/** By how much of the whole an incident may come sooner or later, so that seeds differ. */
const JITTER = 0.02

/** How often it is looked whether two primaries have done harm. */
const LOOK_MS = 100

/** Watches the seller, and lets each incident happen once so much is cashed. One after the other, but for what only waits. */
export function startDirector({ scenario, crew, engine, seller, dice, log }: DirectorParts): Director {
  const planned = scenario.incidents
    .map((incident) => ({ ...incident, at: incident.at + JITTER * (dice(101) / 50 - 1) }))
    .toSorted((one, other) => one.at - other.at)
  const happened = new Map<Incident['is'], number>()
  const fetchedAfterMs: number[] = []
  const lostAtMs = new Map<number, number>()
  const paused = new Set<number>()
  /** What only waits, while others happen. */
  const waiting = new Set<Promise<void>>()
  let chain = Promise.resolve()
  let failure: unknown

  function look(): void {
    while (true) {
      const [next] = planned
      if (next === undefined || seller.cashed.size < next.at * scenario.affordable) return
      planned.shift()
      chain = chain.then(() => run(next))
    }
  }

  async function run(incident: Incident): Promise<void> {
    log(`${incident.is}, with ${seller.cashed.size} cashed`)
    try {
      await incidents[incident.is](incident)
      happened.set(incident.is, (happened.get(incident.is) ?? 0) + 1)
    } catch (error) {
      failure ??= error
    }
  }

  function later(work: Promise<void>): void {
    const waited = work
      .catch((error: unknown) => {
        failure ??= error
      })
      .then(() => void waiting.delete(waited))
    waiting.add(waited)
  }

  function drawWorker(): number {
    const some = Array.from({ length: crew.size }, (_, worker) => worker).filter((worker) => !paused.has(worker))
    return some[dice(some.length)] ?? 0
  }

  async function killWorker(worker: number): Promise<void> {
    await crew.kill(worker)
    crew.start(worker)
  }

  async function all(work: (worker: number) => Promise<void> | void): Promise<void> {
    await Promise.all(Array.from({ length: crew.size }, (_, worker) => work(worker)))
  }

  const incidents: Record<Incident['is'], (incident: Incident) => Promise<void>> = {
    async 'lose-response'() {
      const purchase = await seller.loseNext()
      const worker = crew.whoHas(purchase)
      if (worker === undefined) throw new Error('a payment came from no worker')
      lostAtMs.set(purchase, performance.now())
      await killWorker(worker)
    },
    'kill-worker': () => killWorker(drawWorker()),
    async 'pause-worker'({ seconds = 0 }) {
      const worker = drawWorker()
      paused.add(worker)
      crew.pause(worker)
      later(
        wait(seconds * 1000).then(() => {
          paused.delete(worker)
          crew.goOn(worker)
        }),
      )
    },
    'restart-engine': () => engine.restart(),
    'kill-engine': () => engine.kill(),
    async 'pause-engine'({ seconds = 0 }) {
      await engine.pause()
      await wait(seconds * 1000)
      await engine.goOn()
    },
    async 'lose-power'() {
      await engine.losePower()
      await engine.start()
    },
    async 'lose-all-power'() {
      await Promise.all([engine.losePower(), all(crew.kill)])
      await engine.start()
      await all(crew.start)
    },
    async failover({ seconds = 0 }) {
      const [, replica] = await engine.promote()
      const moved = (worker: number) => worker % 2 === 1
      await all((worker) => (moved(worker) ? crew.use(worker, replica) : undefined))
      const untilMs = performance.now() + seconds * 1000
      const isHarmless = () => seller.cashed.size <= scenario.affordable
      while (performance.now() < untilMs && isHarmless()) await wait(LOOK_MS)
      await engine.demote()
      await all((worker) => (moved(worker) ? undefined : crew.use(worker, replica)))
    },
    flush: () => engine.flush(),
    copy: () => engine.copy(),
    'put-copy-back': () => engine.putCopyBack(),
  }

  seller.onCashed(look)
  look()
  return {
    happened,
    fetchedAfterMs,
    async rest() {
      let last: Promise<void> | undefined
      while (last !== chain || waiting.size > 0) {
        last = chain
        await chain
        await Promise.all(waiting)
      }
      if (failure !== undefined) throw failure
    },
    notePaid(purchase) {
      const atMs = lostAtMs.get(purchase)
      if (atMs === undefined) return
      lostAtMs.delete(purchase)
      fetchedAfterMs.push(performance.now() - atMs)
      log(`the lost response of ${purchase} was fetched by another process`)
    },
  }
}

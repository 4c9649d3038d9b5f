import { isX402Error, type MoneyState } from '../../errors/x402-error.js'
import type { Clock } from '../../payment/clock.js'
import type { Payment } from '../../payment/payment.js'
import type { RandomBytes } from '../../payment/random.js'
import type { Fall } from '../book/ledger-time.js'
import { type Copy, createCopy } from './copy.js'
import { createUnavailable } from './error.js'
import type { Store } from './store.js'
import type { Tabs } from './tabs.js'

/** One step on the ledger, with everything in view that any tab has written. */
export type Step<T> = (copy: Copy, self: string) => T

/** Does the steps of one tab in the order in which they are given. */
export type Batches = {
  /** A payment as this tab last knew it, which may be older than what the database holds. */
  peek(id: string): Payment | undefined
  /** Does a step that only reads. */
  read<T>(step: Step<T>): Promise<T>
  /**
   * Does a step, and waits until what it noted is on the disk.
   *
   * @param money - Where the money of its payment is while the step isn't done, for the error.
   */
  write<T>(step: Step<T>, money: MoneyState): Promise<T>
}

/** What batches are made with. */
export type BatchesParts = {
  readonly ledger: string
  readonly store: Store
  readonly tabs: Tabs
  readonly clock: Clock
  readonly random: RandomBytes
  /** Told when this tab finds that the clock has fallen. */
  readonly tellFall: (fall: Fall | undefined) => void
}

type Job = {
  readonly writes: boolean
  /** Does the step; what it came to is told only once that is on the disk. */
  readonly attempt: Step<() => void>
  readonly fail: (cause: unknown) => void
}

/**
 * Creates the batches of one tab: all steps that wait become one transaction, so that thirty payments wait for the disk no longer than one.
 *
 * A tab keeps a copy of the database in memory and reads only what others wrote since. When a transaction fails, the copy is ahead of
 * the database; it's dropped, and read again by the next step.
 */
export function createBatches({ ledger, store, tabs, clock, random, tellFall }: BatchesParts): Batches {
  let waiting: Job[] = []
  let isRunning = false
  /** The newest version that is known to be on the disk. */
  let version = 0
  let copy = createCopy(ledger, clock, random, version, tellFall)

  function add<T>(step: Step<T>, writes: boolean, money: MoneyState): Promise<T> {
    return new Promise((resolve, reject) => {
      waiting.push({
        writes,
        attempt: (...given) => {
          try {
            const result = step(...given)
            return () => resolve(result)
          } catch (error) {
            return () => reject(error)
          }
        },
        fail: (cause) => reject(isX402Error(cause) ? cause : createUnavailable(ledger, { money, cause })),
      })
      void run()
    })
  }

  async function run(): Promise<void> {
    if (isRunning) return
    isRunning = true
    await undefined // so that all steps of the same tick are one batch
    while (waiting.length > 0) {
      const jobs = waiting
      waiting = []
      await perform(jobs)
    }
    isRunning = false
  }

  async function perform(jobs: readonly Job[]): Promise<void> {
    try {
      const self = jobs.some(({ writes }) => writes) ? await tabs.self() : undefined
      // Tabs that are seen only now count as alive: they took their locks before they wrote anything.
      const conclusions = (await attempt(jobs, self, false)) ?? (await attempt(jobs, self, true)) ?? []
      version = copy.version()
      // Pages that hold a lock aren't kept for the back button.
      if (self !== undefined && !copy.holders().has(self)) tabs.leave()
      for (const conclude of conclusions) conclude()
    } catch (cause) {
      copy = createCopy(ledger, clock, random, version, tellFall)
      for (const job of jobs) job.fail(cause)
    }
  }

  /** Does the jobs; `undefined` when tabs showed up that haven't been checked for being alive. */
  async function attempt(
    jobs: readonly Job[],
    self: string | undefined,
    isLast: boolean,
  ): Promise<readonly (() => void)[] | undefined> {
    const seen = copy.holders()
    const gone = await findGone(seen, self)
    const mode = self !== undefined || gone.size > 0 ? 'readwrite' : 'readonly'
    return store.transact(mode, async (rows) => {
      await copy.catchUp(rows)
      if (!isLast && !isAmong(copy.holders(), seen, self)) return undefined
      copy.abandon(gone)
      const conclusions = jobs.map((job) => job.attempt(copy, self ?? ''))
      copy.write(rows)
      return conclusions
    })
  }

  async function findGone(seen: ReadonlySet<string>, self: string | undefined): Promise<ReadonlySet<string>> {
    if (isAmong(seen, new Set(), self)) return new Set()
    const alive = await tabs.alive()
    return new Set([...seen].filter((holder) => !alive.has(holder)))
  }

  return {
    peek: (id) => copy.book.find(id),
    read: (step) => add(step, false, 'untouched'),
    write: (step, money) => add(step, true, money),
  }
}

function isAmong(holders: ReadonlySet<string>, seen: ReadonlySet<string>, self: string | undefined): boolean {
  return [...holders].every((holder) => holder === self || seen.has(holder))
}

import { isX402Error, type MoneyState, type X402Error } from '../../errors/x402-error.js'
import { type Clock, LATE, within } from '../../payment/clock.js'
import { createUnavailable } from './error.js'
import type { Ask, Store, Told } from './store.js'

/** Asks an engine for steps. */
export type Patience = {
  /**
   * Asks for a step, again and again as long as its connection fails, until the patience is over. By then the engine doesn't carry it out anymore.
   *
   * @param money - Where the money of the payment at hand is, while the step isn't done.
   * @param isOfCall - Whether a call may wait for it. One that none waits for is always given the whole patience, so that it finds out that an engine is back
   *   which is far away, or to which the connection has yet to be made.
   * @returns What the engine replied. It rejects with `LEDGER_UNAVAILABLE`, and then the step may have been carried out before.
   */
  ask<T>(step: (store: Store, ask: Ask) => Promise<Told<T>>, money?: MoneyState, isOfCall?: boolean): Promise<T>
  /** What the engine's clock says, as far as its replies tell; never later than it does. */
  engineMs(): number
}

/** A process lives for so long after its last beat, in milliseconds: it is long gone, or was held up for so long, when its payments are taken from it. */
const LEASE_MS = 15_000

/** The first pause before a step is asked again, and the longest, in milliseconds. */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 250

/**
 * What a step is given at least while the engine has said nothing for longer than the patience. A call whose payment couldn't be written down asks up to three more
 * times, with pauses of 50, to tell what became of it: together less than a second. A reply that comes later still says that the engine is back.
 */
const LEAST_MS = 200

/** Within what time a reply comes that tells the engine's time, in milliseconds. */
const PROMPT_MS = 1000

/** What patience is made of. */
export type PatienceParts = {
  readonly store: Store
  readonly ledger: string
  readonly owner: string
  readonly patienceMs: number
  /** Only of the suite: windows go by it. Patience goes by `monotonicMs` of the other. */
  readonly injected?: Clock | undefined
  readonly clock: Clock
}

/** Creates the patience of one ledger. All its steps together wait for an engine that says nothing as long as one would. */
export function createPatience({ store, ledger, owner, patienceMs, injected, clock }: PatienceParts): Patience {
  /** What the engine's clock is ahead of this one's, at least. */
  let aheadMs: number | undefined
  /** When the first step began that the engine said nothing to, since it last said something. */
  let silentSinceMs: number | undefined
  /** The steps that wait, in the order in which they began. */
  const waiting = new Set<{ readonly startMs: number }>()

  /** A reply says nothing of what was asked after it: the engine may have gone silent between the two. */
  function hear(askedMs: number): void {
    const next = [...waiting].find(({ startMs }) => startMs > askedMs)
    silentSinceMs = next?.startMs
  }

  async function attempt<T>(step: (store: Store, ask: Ask) => Promise<Told<T>>, untilMs: number): Promise<T> {
    const deadlineMs = aheadMs === undefined ? undefined : Math.floor(untilMs + aheadMs)
    const ask = { owner, leaseMs: LEASE_MS, deadlineMs, nowSeconds: injected?.nowSeconds() }
    const askedMs = clock.monotonicMs()
    const asked = step(store, ask)
    asked.then(
      () => hear(askedMs),
      () => undefined, // a failed connection tells nothing
    )
    const { atMs, told } = await within(asked, untilMs - askedMs)
    learn(atMs, askedMs)
    return told
  }

  /** A process that was frozen reads replies long after they were made: those tell no time. */
  function learn(atMs: number, askedMs: number): void {
    const nowMs = clock.monotonicMs()
    const leastMs = atMs - nowMs
    aheadMs = nowMs - askedMs <= PROMPT_MS || aheadMs === undefined ? leastMs : Math.max(aheadMs, leastMs)
  }

  /**
   * Reads the engine's clock anew, without a deadline: it may have been set, or be that of another server, and then each deadline that was reckoned by
   * it has passed.
   */
  async function readClock(untilMs: number): Promise<void> {
    const ask = { owner, leaseMs: LEASE_MS, deadlineMs: undefined, nowSeconds: injected?.nowSeconds() }
    try {
      const askedMs = clock.monotonicMs()
      const { atMs } = await within(store.rows({ ids: [] }, ask), untilMs - askedMs)
      aheadMs = atMs - clock.monotonicMs()
      hear(askedMs)
    } catch {
      // The step says by itself that it can't be done.
    }
  }

  /** The error of a step that failed for good; `undefined` where it may be asked again. */
  function toFailure(cause: unknown, isLast: boolean, money: MoneyState | undefined): X402Error | undefined {
    if (isX402Error(cause)) return cause
    if (cause === LATE) {
      const hint = aheadMs === undefined ? NEVER_HEARD : undefined
      return createUnavailable(ledger, "it didn't answer in time", { money, hint })
    }
    if (store.isPassing(cause) && !isLast) return undefined
    const { because, hint } = store.explain(cause)
    return createUnavailable(ledger, because, { money, cause, hint })
  }

  async function askUntil<T>(
    untilMs: number,
    step: (store: Store, ask: Ask) => Promise<Told<T>>,
    money: MoneyState | undefined,
  ): Promise<T> {
    let pauseMs = FIRST_PAUSE_MS
    while (true) {
      try {
        return await attempt(step, untilMs)
      } catch (cause) {
        const failure = toFailure(cause, clock.monotonicMs() + pauseMs >= untilMs, money)
        if (failure !== undefined) throw failure
      }
      if (aheadMs !== undefined) await readClock(untilMs)
      await wait(Math.min(pauseMs, Math.max(0, untilMs - clock.monotonicMs())))
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    }
  }

  return {
    async ask(step, money, isOfCall = true) {
      const startMs = clock.monotonicMs()
      silentSinceMs ??= startMs
      const leastMs = isOfCall ? Math.min(LEAST_MS, patienceMs) : patienceMs
      const untilMs = Math.max(silentSinceMs + patienceMs, startMs + leastMs)
      const one = { startMs }
      waiting.add(one)
      try {
        return await askUntil(untilMs, step, money)
      } finally {
        waiting.delete(one)
      }
    },
    engineMs: () => clock.monotonicMs() + (aheadMs ?? 0),
  }
}

const NEVER_HEARD =
  "It never replied. Is its address right? Listen to the `error` event of your database's client, which says why. Nothing is paid until it replies."

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}

import type { Ledger } from '../../flow/ports.js'
import type { Clock } from '../../payment/clock.js'
import type { RandomBytes } from '../../payment/random.js'
import type { Check } from '../create-check.js'
import { createCounter } from '../create-counter.js'
import { createManualClock } from '../create-manual-clock.js'
import { type Bench, createBench } from './create-bench.js'

/** What a ledger is opened on, so that a case can turn its clock. */
export type LedgerPorts = {
  /** Tells the time. Whatever the ledger asks the time, it asks here. */
  readonly clock: Clock
  /** Bytes for ids: the same in every run, other ones for each handle. */
  readonly random: RandomBytes
}

/** How the ledgers of a suite are opened and closed. */
export type Opening<L extends Ledger> = {
  open(ports: LedgerPorts): L | Promise<L>
  openAgain?: ((ledger: L, ports: LedgerPorts) => L | Promise<L>) | undefined
  close(ledger: L): void | Promise<void>
}

/** What one case is given. */
export type Session = {
  readonly check: Check
  /** Opens an empty ledger. */
  open(): Promise<Bench>
  /** Opens an empty ledger, and a second handle on its store, with a clock of its own. */
  openPair(): Promise<readonly [Bench, Bench]>
  /** A session of its own inside this one, closed when the work has ended. */
  within(check: Check, work: (session: Session) => Promise<void>): Promise<void>
}

/** Does a work with ledgers that are closed when it has ended, whatever came of it. */
export async function runSession<L extends Ledger>(
  opening: Opening<L>,
  check: Check,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const opened: L[] = []

  async function openBench(stream: number, openOn: (ports: LedgerPorts) => L | Promise<L>): Promise<Bench<L>> {
    const clock = createManualClock()
    const ledger = await openOn({ clock, random: createCounter(stream) })
    opened.push(ledger)
    return createBench(ledger, clock, check)
  }

  const session: Session = {
    check,
    open: () => openBench(0, opening.open),
    async openPair() {
      const { openAgain } = opening
      if (openAgain === undefined) throw check.failure('a way to open a second handle', 'none')
      const first = await openBench(0, opening.open)
      return [first, await openBench(1, (ports) => openAgain(first.ledger, ports))]
    },
    within: (own, inner) => runSession(opening, own, inner),
  }
  try {
    await work(session)
  } catch (thrown) {
    // What the case found says more than that closing failed, too.
    await Promise.allSettled(opened.map(async (ledger) => opening.close(ledger)))
    throw check.toFailure(thrown)
  }
  for (const ledger of opened.reverse()) await closeOrFail(ledger, opening, check)
}

async function closeOrFail<L extends Ledger>(ledger: L, { close }: Opening<L>, check: Check): Promise<void> {
  try {
    await close(ledger)
  } catch (thrown) {
    throw check.toFailure(thrown)
  }
}

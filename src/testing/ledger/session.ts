import type { Ledger } from '../../payment/ledger.js'
import type { RandomBytes } from '../../payment/random.js'
import { createCounter } from '../chance.js'
import type { Check, Promised } from '../check.js'
import { createManualClock, type ManualClock } from '../manual-clock.js'
import { type Bench, createBench } from './bench.js'

/** One promise of a ledger, and how it's tested. */
export type LedgerCase = Promised & {
  run(session: Session): Promise<void>
}

/** What a ledger is opened on, so that a case can turn its clock. */
export type LedgerPorts = {
  /** Tells the time: the ledger's only source of it. */
  readonly clock: ManualClock
  /** Bytes for ids: the same in every run, and different for each handle. */
  readonly random: RandomBytes
}

type Maybe<T> = T | Promise<T>

/** How the ledgers of a suite are opened, broken and closed. */
export type Opening<L extends Ledger> = {
  open(ports: LedgerPorts): Maybe<L>
  openAgain?: ((ledger: L, ports: LedgerPorts) => Maybe<L>) | undefined
  crash?: ((ledger: L, ports: LedgerPorts) => Maybe<L>) | undefined
  disturb?: ((ledger: L) => Maybe<L>) | undefined
  close(ledger: L): Maybe<void>
}

/** What one case is given. */
export type Session = {
  readonly check: Check
  /** Opens an empty ledger. */
  open(): Promise<Bench>
  /** Opens an empty ledger, and a second handle on its store, with a clock of its own. */
  openPair(): Promise<readonly [Bench, Bench]>
  /** Takes a handle away without closing it, and opens a new one on the same store and clock. */
  crash(bench: Bench): Promise<Bench>
  /** Returns a handle whose next step is carried out, and its reply lost. */
  disturb(bench: Bench): Promise<Ledger>
  /** A session of its own inside this one, closed when the work has ended. */
  within(check: Check, work: (session: Session) => Promise<void>): Promise<void>
}

/** Runs a case with ledgers that are closed when it has ended, however it ended. */
export async function runSession<L extends Ledger>(
  opening: Opening<L>,
  check: Check,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const opened: L[] = []
  let streams = 0

  async function openBench(
    openOn: (ports: LedgerPorts) => Maybe<L>,
    clock: ManualClock = createManualClock(),
  ): Promise<Bench<L>> {
    const ledger = await openOn({ clock, random: createCounter(streams++) })
    opened.push(ledger)
    return createBench(ledger, clock, check)
  }

  /** Finds an option, and the ledger of a bench among those that were opened here. */
  function give<Name extends 'openAgain' | 'crash' | 'disturb'>(
    name: Name,
    { ledger }: Bench,
  ): [NonNullable<Opening<L>[Name]>, L] {
    const given = opening[name]
    const own = opened.find((one) => one === ledger)
    if (given && own) return [given, own]
    throw check.failure(`the option ${name}`, 'none')
  }

  const session: Session = {
    check,
    open: () => openBench(opening.open),
    async openPair() {
      const first = await openBench(opening.open)
      const [openAgain, own] = give('openAgain', first)
      return [first, await openBench((ports) => openAgain(own, ports))]
    },
    crash(bench) {
      const [crash, own] = give('crash', bench)
      opened.splice(opened.indexOf(own), 1)
      return openBench((ports) => crash(own, ports), bench.clock)
    },
    async disturb(bench) {
      const [disturb, own] = give('disturb', bench)
      return disturb(own)
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

import type { Ledger } from '../../../src/flow/ports.js'
import { createCheck } from '../../../src/testing/create-check.js'
import { createCounter } from '../../../src/testing/create-counter.js'
import { createManualClock } from '../../../src/testing/create-manual-clock.js'
import { type Bench, createBench } from '../../../src/testing/ledger/create-bench.js'
import type { LedgerPorts } from '../../../src/testing/ledger/create-session.js'

/** Opens a ledger on a clock that stands still, for tests of what the contract doesn't say. */
export async function openBench<L extends Ledger>(open: (ports: LedgerPorts) => Promise<L>): Promise<Bench<L>> {
  const clock = createManualClock()
  const ledger = await open({ clock, random: createCounter() })
  return createBench(ledger, clock, createCheck('The ledger', { name: 'the steps of this test', why: '' }))
}

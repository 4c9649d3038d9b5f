import { describe, it } from 'vitest'
import { createWarnings } from '../../../src/ledger/book/warnings.js'
import { createEngineLedger, type EngineLedger } from '../../../src/ledger/engine/ledger.js'
import { systemRandomBytes } from '../../../src/payment/random.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { loseNextReply } from '../../support/contracts/lost-reply.js'
import { createMemoryEngine, type Line, type MemoryEngine } from '../../support/engines/memory-engine.js'

type Opened = {
  readonly engine: MemoryEngine
  readonly line: Line
  readonly ports: Pick<ledgerContract.Ports, 'clock'>
}

const opened = new Map<EngineLedger, Opened>()

async function openOn(engine: MemoryEngine, ports: Partial<ledgerContract.Ports>) {
  const { store, line } = engine.connect()
  const random = ports.random ?? systemRandomBytes
  const parts = { name: 'memory', patienceSeconds: 5, clock: ports.clock, random, warnings: createWarnings(undefined) }
  const ledger = await createEngineLedger(store, parts)
  if (ports.clock) opened.set(ledger, { engine, line, ports: { clock: ports.clock } })
  return ledger
}

function find(ledger: EngineLedger): Opened {
  const one = opened.get(ledger)
  if (one === undefined) throw new Error('It was opened elsewhere.')
  return one
}

let nowMs = 1

const options: ledgerContract.Options<EngineLedger> = {
  payments: 100,
  histories: Number(process.env['FC_RUNS'] ?? 40),
  openAgain: (ledger, ports) => openOn(find(ledger).engine, ports),
  crash(ledger, ports) {
    const { engine, line } = find(ledger)
    line.isSilent = true
    engine.expire(line.owner)
    return openOn(engine, ports)
  },
  disturb(ledger) {
    const disturbed = loseNextReply(ledger)
    opened.set(disturbed, find(ledger))
    return disturbed
  },
}

// Its clock is a counter: leases end where a case says so, and nowhere else.
const open = (ports: ledgerContract.Ports) =>
  openOn(
    createMemoryEngine(() => nowMs++),
    ports,
  )

describe('createEngineLedger, on an engine in memory', () => {
  for (const { name, run } of ledgerContract(open, options)) it(name, run)
})

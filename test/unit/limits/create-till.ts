import type { Limits, Terms } from '../../../src/flow/ports.js'
import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import { createCounter } from '../../../src/testing/create-counter.js'
import { createManualClock } from '../../../src/testing/create-manual-clock.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'
import { usdc } from './offers.js'

/** Limits and a real ledger, as the corridor puts them together. */
export function createTill() {
  const clock = createManualClock()
  const ledger = createMemoryLedger({ clock, random: createCounter() })

  /** Assesses and reserves; says what refused, or that it's reserved. */
  async function reserve(limits: Limits, terms: Terms) {
    const assessment = limits.assess(terms)
    if ('refusal' in assessment) return { refused: assessment.refusal.because, hint: assessment.refusal.hint }
    const { charges, caps, tags = terms.tags, watches = [] } = assessment
    const { network, asset, amount, payTo, host } = terms
    const record = createRecord({ network, asset, amount, payTo, host, tags, charges })
    const reservation = await ledger.reserve(record, caps)
    if (!('id' in reservation)) return { refused: reservation.refusedBy.name, hint: reservation.refusedBy.hint }
    for (const { caps: watched, notice } of watches) for (const cap of watched) notice(cap, await ledger.spent(cap))
    return { id: reservation.id }
  }

  return {
    clock,
    ledger,
    reserve,
    /** Pays so many cents in USDC: what refuses it, or `undefined`. */
    async pay(limits: Limits, cents: number, change: Partial<Terms> = {}): Promise<string | undefined> {
      return (await reserve(limits, usdc(BigInt(cents) * 10_000n, change))).refused
    },
    records: () => readAll(ledger),
  }
}

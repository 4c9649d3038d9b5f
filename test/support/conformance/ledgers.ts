import { createMemoryLedger } from '../../../src/ledger/book/memory-ledger.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'

/** Ledgers to show on what happens at once: one that answers right away, and one whose steps take as long as those of a disk. */
export const ledgers: readonly (readonly [string, () => Ledger])[] = [
  ['', createMemoryLedger],
  [', on a slow ledger', () => createSlowLedger(createMemoryLedger())],
]

import { createMemoryLedger, type Ledger } from 'pay402/ledger'
import { createFileLedger } from 'pay402/ledger/file'
import type { LedgerPlan } from './plan.js'

/** A ledger as a service would open it. */
export type OpenLedger = {
  readonly ledger: Ledger
  /** The engine is at another port from now on. */
  use(port: number): void
}

/** Opens the ledger of a worker. */
export async function openLedger(plan: LedgerPlan): Promise<OpenLedger> {
  const use = () => undefined
  if (plan.in === 'memory') return { ledger: createMemoryLedger({ keep: 1_000_000 }), use }
  if (plan.in === 'file') return { ledger: await createFileLedger(plan.path), use }
  throw new Error(`no ledger in ${plan.in} yet`)
}

import type { Promised } from '../create-check.js'
import type { Session } from './create-session.js'

/** One promise of a ledger, and how it's put to the test. */
export type LedgerCase = Promised & {
  run(session: Session): Promise<void>
}

export type {
  Cap,
  Charge,
  Delivery,
  Facts,
  Filter,
  Ledger,
  LedgerRecord,
  NewRecord,
  Presentation,
  Reservation,
  Scope,
  State,
  Unit,
} from '../flow/ports.js'
export { type Claim, type Claimant, findOpen, type OpenPurchase, toClaim } from '../payment/purchase.js'
export { countAgainst } from './count-against.js'
export { createMemoryLedger } from './create-memory-ledger.js'
export { findRefusal, type Refusal } from './find-refusal.js'
export { isListed } from './is-listed.js'
export { LedgerError, type LedgerErrorCode } from './ledger-error.js'
export { moveRecord, openRecord } from './record.js'
export type { Sums } from './window.js'

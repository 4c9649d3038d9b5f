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
export { isListed } from './book/book.js'
export { createMemoryLedger } from './book/memory-ledger.js'
export { moveRecord, openRecord } from './book/record.js'
export { countAgainst, findRefusal, type Refusal } from './book/refusal.js'
export type { Sums } from './book/window.js'
export { LedgerError, type LedgerErrorCode } from './ledger-error.js'

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
export { createMemoryLedger } from './create-memory-ledger.js'
export { LedgerError, type LedgerErrorCode } from './ledger-error.js'

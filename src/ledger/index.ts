export { horizonOf, type Month, monthOf, type Stretch } from '../payment/calendar.js'
export {
  apply,
  type Conflict,
  type Outcome,
  type PaymentEvent,
  type Signature,
  toCrashEvent,
} from '../payment/event.js'
export {
  type Cap,
  type Filter,
  FREEZE,
  isRefusal,
  type Ledger,
  LIMITS,
  type Refusal,
  type Scope,
  type Sums,
  type Value,
} from '../payment/ledger.js'
export type {
  CallFacts,
  Charge,
  Delivery,
  Draft,
  Payment,
  PaymentApproval,
  Presentation,
  State,
  Unit,
} from '../payment/payment.js'
export { openPayment } from '../payment/payment.js'
export { type Asker, type Claim, type Claimant, findOpen, type OpenPurchase, toClaim } from '../payment/purchase.js'
export type { Notation, Terms } from '../payment/terms.js'
export { isListed } from './book/book.js'
export { CLOCK, tellTime } from './book/ledger-time.js'
export { createMemoryLedger, type MemoryLedger } from './book/memory-ledger.js'
export { countAgainst, findFull, findRefusal, findRuling } from './book/refusal.js'
export { createConflict, createUnknownPayment, LedgerError, type LedgerErrorCode } from './error.js'

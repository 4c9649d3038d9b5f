export { ContractError, type ContractErrorCode } from './check.js'
export { ledgerContract } from './ledger-contract.js'
export { createManualClock, type ManualClock } from './manual-clock.js'
export { createSlowLedger } from './slow-ledger.js'

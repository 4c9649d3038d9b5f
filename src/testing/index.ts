export { ContractError, type ContractErrorCode } from './contract-error.js'
export { ledgerContract } from './ledger-contract.js'

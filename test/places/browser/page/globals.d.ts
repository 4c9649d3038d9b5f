import type { BrowserLedger } from 'pay402/ledger/browser'

declare global {
  // What the scripts of the pages leave for the tests to call.
  var pay402: typeof import('./library.js').library
  var tell: typeof import('./library.js').tell
  var refusal: typeof import('./library.js').refusal
  var ledgerContract: typeof import('./ledger-contract.js').ledgerContract
  /** What a page keeps from one call of a test to the next. */
  var kept: { ledger: BrowserLedger; locks?: readonly string[] }
}

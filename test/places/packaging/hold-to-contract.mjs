// Runs the contract of ledgers under Node's own runner: `node --test hold-to-contract.mjs`, by `import` and by `require`.
import { createRequire } from 'node:module'
import { describe, it } from 'node:test'
import { createMemoryLedger } from 'pay402/ledger'
import { ledgerContract } from 'pay402/testing'

const required = createRequire(import.meta.url)('pay402/testing')

for (const [mode, contract] of Object.entries({ import: ledgerContract, require: required.ledgerContract })) {
  describe(mode, () => {
    for (const { name, run } of contract(createMemoryLedger)) it(name, run)
  })
}

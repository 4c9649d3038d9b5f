import { afterAll, describe, it } from 'vitest'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { startPostgresLedgers } from '../../support/engines/postgres-ledgers.js'

for (const client of ['pg', 'postgres'] as const) {
  describe(`createPostgresLedger, through ${client}`, async () => {
    const { open, stop, ...options } = await startPostgresLedgers(client)
    afterAll(stop)
    for (const { name, run } of ledgerContract(open, { ...options, payments: 100, histories: 10 })) it(name, run)
  })
}

import { vi } from 'vitest'
import { createFileLedger } from '../../src/ledger/file.js'
import { describeLedgerContract } from '../contracts/ledger.js'
import { createLedgerPath } from '../support/ledger/create-ledger-path.js'

// Ten thousand payments in a row are as many waits for the file.
vi.setConfig({ testTimeout: 30_000 })

describeLedgerContract('createFileLedger', {
  create: async (ports) => createFileLedger(await createLedgerPath(), ports),
  // Each opens a file, and waits for the disk at every payment that is sent.
  runs: 40,
})

import { createFileLedger } from '../../../src/ledger/file/index.js'
import { describeLedgerContract } from '../../support/contracts/ledger.js'
import { createLedgerPath } from '../../support/ledger/create-ledger-path.js'

describeLedgerContract('createFileLedger', {
  create: async (ports) => createFileLedger(await createLedgerPath(), ports),
  // Each opens a file, and waits for the disk at every payment that is sent.
  runs: 40,
})

import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { describeLedgerContract } from '../../support/contracts/ledger.js'
import { loseNextReply } from '../../support/contracts/lost-reply.js'

// Until all is done, and not until one test is: the cases on slow steps run at once.
const folder = await mkdtemp(join(await realpath(tmpdir()), 'pay402-ledger-'))
afterAll(() => rm(folder, { recursive: true, force: true }))
let opened = 0

describeLedgerContract('createFileLedger', {
  create: (ports) => createFileLedger(join(folder, `${opened++}.ledger`), ports),
  openAgain: ({ path }, ports) => createFileLedger(path, ports),
  disturb: loseNextReply,
  // Each opens a file, and waits for the disk at every payment that is sent.
  runs: 40,
})

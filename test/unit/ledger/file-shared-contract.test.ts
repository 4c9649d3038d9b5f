import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeLedgerContract } from '../../support/contracts/ledger.js'
import { endSharers, openShared, type SharedLedger } from '../../support/ledger/start-sharers.js'

const folder = await mkdtemp(join(await realpath(tmpdir()), 'pay402-ledger-'))
let opened = 0
afterAll(async () => {
  await endSharers()
  await rm(folder, { recursive: true, force: true })
})

describeLedgerContract<SharedLedger>('createFileLedger, in four processes, to which the steps are dealt in turn', {
  create: ({ clock }) => openShared(join(folder, `${opened++}.ledger`), clock, 4),
  openAgain: ({ path }, { clock }) => openShared(path, clock, 2),
  async crash({ path, sharers, kill }, { clock }) {
    await kill()
    return openShared(path, clock, sharers.length)
  },
  // Each opens a file in four to six processes, and asks all of them at each step.
  runs: 20,
  payments: 100,
  slow: false,
})

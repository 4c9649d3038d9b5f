import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A name for a ledger's file in a new folder, which is gone after the test. */
export async function createLedgerPath(): Promise<string> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'pay402-ledger-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'payments.ledger')
}

import { onTestFinished } from 'vitest'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Ledger } from '../../../src/payment/ledger.js'
import { createLedgerPath } from './create-ledger-path.js'

/**
 * A file's ledger over several processes, one after the other: each call closes the ledger before and opens the file anew. What had an earlier one
 * reads the latest.
 */
export async function createReopening(): Promise<() => Promise<Ledger>> {
  const path = await createLedgerPath()
  let latest: Awaited<ReturnType<typeof createFileLedger>> | undefined
  onTestFinished(() => latest?.close())
  return async () => {
    await latest?.close()
    const opened = await createFileLedger(path)
    latest = opened
    return new Proxy<Ledger>(opened, { get: (_, name) => Reflect.get(latest ?? opened, name) })
  }
}

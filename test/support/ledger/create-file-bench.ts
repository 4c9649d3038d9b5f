import { copyFile } from 'node:fs/promises'
import { onTestFinished } from 'vitest'
import { createFileLedger, type FileLedger } from '../../../src/ledger/file/index.js'
import type { Warning } from '../../../src/payment/stream.js'
import { createCounter } from '../../../src/testing/chance.js'
import { createCheck } from '../../../src/testing/check.js'
import { type Bench, createBench } from '../../../src/testing/ledger/bench.js'
import { createManualClock } from '../../../src/testing/manual-clock.js'
import { createLedgerPath } from './create-ledger-path.js'

/** A new file ledger, and ways to come back to what it wrote. */
export type FileBench = Bench<FileLedger> & {
  /** What was warned of, by the ledger and by those that were opened after it. */
  readonly warnings: readonly Warning[]
  /** Closes the ledger, and opens its file again. */
  reopen(): Promise<FileLedger>
  /** Opens a copy of the file as it is now: what the next process would find if this one ended here. `edit` changes the copy. */
  crash(edit?: (path: string) => Promise<void>): Promise<FileLedger>
}

export async function createFileBench(options: createFileLedger.Options = {}): Promise<FileBench> {
  const path = await createLedgerPath()
  const warnings: Warning[] = []
  const ports = { clock: createManualClock(), random: createCounter() }
  let copies = 0

  async function open(at: string): Promise<FileLedger> {
    const onWarning = (warning: Warning) => void warnings.push(warning)
    const ledger = await createFileLedger(at, { ...ports, ...options, onWarning })
    onTestFinished(() => ledger.close())
    return ledger
  }

  const check = createCheck('The file ledger', { name: 'reserves what its own tests pay', why: 'They begin with it.' })
  const bench = createBench(await open(path), ports.clock, check)
  return {
    ...bench,
    warnings,
    async reopen() {
      await bench.ledger.close()
      return open(path)
    },
    async crash(edit) {
      copies += 1
      const copy = `${path}.${copies}`
      await copyFile(path, copy)
      await edit?.(copy)
      return open(copy)
    },
  }
}

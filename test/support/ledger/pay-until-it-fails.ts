import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { LedgerError } from '../../../src/ledger/error.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { isRefusal } from '../../../src/payment/ledger.js'
import { readAll } from '../../../src/testing/ledger/bench.js'
import { createCap } from '../../../src/testing/ledger/cap.js'
import { createClaimant } from '../../../src/testing/ledger/claimant.js'
import { createDraft } from '../../../src/testing/ledger/draft.js'
import { sent } from '../../../src/testing/ledger/events.js'

/**
 * Pays until the ledger refuses, telling each payment that it confirmed as sent; then tells how it refuses everything else.
 *
 * After so many payments the file is closed underneath, where a number is given.
 */
const [path = '', breakAfter = 'Infinity'] = process.argv.slice(2)
const ledger = await createFileLedger(path)

async function pay(): Promise<void> {
  const reserved = await ledger.reserve(createDraft(), [])
  if (isRefusal(reserved)) return
  await ledger.note(reserved.id, sent)
  console.log('sent', reserved.id)
}

function closeUnderneath(): void {
  for (const fd of readdirSync('/proc/self/fd')) if (isLedger(fd)) closeSync(Number(fd))
}

function isLedger(fd: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === path
  } catch {
    return false // the one that the folder was read with
  }
}

async function tell(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    const { cause } = error
    console.log('refused', error.code, error.money, cause instanceof Error && 'code' in cause ? cause.code : cause)
    return false
  }
}

let paid = 0
while (await tell(pay)) {
  paid += 1
  if (paid === Number(breakAfter)) closeUnderneath()
}
await tell(() => ledger.reserve(createDraft(), []))
await tell(() => ledger.put('kind', 'key', 1, undefined))
await tell(() => ledger.claim(createClaimant()))
await tell(() => ledger.spent(createCap(1)))
await tell(() => readAll(ledger))
await tell(() => ledger.compact())
await tell(() => ledger.close())

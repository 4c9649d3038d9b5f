import { closeSync, readdirSync, readlinkSync } from 'node:fs'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { LedgerError } from '../../../src/ledger/ledger-error.js'
import { createCap } from '../../../src/testing/ledger/create-cap.js'
import { createClaimant } from '../../../src/testing/ledger/create-claimant.js'
import { createPresentation } from '../../../src/testing/ledger/create-presentation.js'
import { createRecord } from '../../../src/testing/ledger/create-record.js'
import { readAll } from '../../../src/testing/ledger/read-all.js'

/**
 * Pays until the ledger refuses, telling each payment that it confirmed as sent; then tells how it refuses everything else.
 *
 * After so many payments the file is closed underneath, where a number is given.
 */
const [path = '', breakAfter = 'Infinity'] = process.argv.slice(2)
const ledger = await createFileLedger(path)

async function pay(): Promise<void> {
  const reservation = await ledger.reserve(createRecord(), [])
  if (!('id' in reservation)) return
  await ledger.move(reservation.id, ['reserved'], 'sent', { presentation: createPresentation() })
  console.log('sent', reservation.id)
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
await tell(() => ledger.reserve(createRecord(), []))
await tell(() => ledger.claim(createClaimant()))
await tell(() => ledger.spent(createCap(1)))
await tell(() => readAll(ledger))
await tell(() => ledger.compact())
await tell(() => ledger.close())

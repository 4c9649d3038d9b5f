import { describe } from 'vitest'
import { describeCharges } from './ledger/charges.js'
import { describeClaims } from './ledger/claims.js'
import { describeCounting } from './ledger/counting.js'
import { type CreateLedger, createBench } from './ledger/create-bench.js'
import { describeModel } from './ledger/model.js'
import { describeMoves } from './ledger/moves.js'
import { describePurchases } from './ledger/purchases.js'
import { describeRecords } from './ledger/records.js'
import { describeReservations } from './ledger/reservations.js'
import { describeWindows } from './ledger/windows.js'

/**
 * What any ledger must hold.
 *
 * @param name - The maker of the ledger; the tests' names begin with it.
 * @param options - `create` makes an empty ledger on these ports; what it has to close, it closes with vitest's `onTestFinished`.
 *   `runs` is how many random histories are compared with the model.
 */
export function describeLedgerContract(
  name: string,
  { create, runs = 200 }: { create: CreateLedger; runs?: number },
): void {
  const open = () => createBench(create)
  describe(name, () => {
    describeReservations(open)
    describeCounting(open)
    describeCharges(open)
    describeWindows(open)
    describeMoves(open)
    describeClaims(open)
    describePurchases(open)
    describeRecords(open)
    describeModel(create, runs)
  })
}

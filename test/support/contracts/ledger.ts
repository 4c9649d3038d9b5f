import { describe, it } from 'vitest'
import type { Ledger } from '../../../src/flow/ports.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'

/**
 * What any ledger must hold: the published cases, as vitest's tests.
 *
 * @param name - The maker of the ledger; the tests' names begin with it.
 * @param options - Those of `ledgerContract`, and `create`, which makes an empty ledger on these ports. `runs` is how many random
 *   histories are compared with the model, where `FC_RUNS` doesn't say.
 */
export function describeLedgerContract<L extends Ledger>(
  name: string,
  options: describeLedgerContract.Options<L>,
): void {
  const { create, runs = 200, ...rest } = options
  const histories = Number(process.env['FC_RUNS'] ?? runs)
  const seed = Number(process.env['FC_SEED'] ?? 402)
  describe(name, () => {
    for (const one of ledgerContract(create, { seed, histories, payments: 5000, ...rest })) it(one.name, one.run)
  })
}

export declare namespace describeLedgerContract {
  type Options<L extends Ledger> = ledgerContract.Options<L> & {
    create: (ports: ledgerContract.Ports) => L | Promise<L>
    runs?: number
  }
}

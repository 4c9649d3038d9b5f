import { describe, it } from 'vitest'
import type { Ledger } from '../../../src/payment/ledger.js'
import { ledgerContract } from '../../../src/testing/ledger-contract.js'
import { createSlowLedger } from '../../../src/testing/slow-ledger.js'

/**
 * What any ledger must hold: the published cases, as vitest's tests; and once more on the same ledger with steps that take 8 ms.
 *
 * @param name - The maker of the ledger; the tests' names begin with it.
 * @param options - Those of `ledgerContract`, and `create`, which makes an empty ledger on these ports. `runs` is how many random
 *   histories are compared with the model, where `FC_RUNS` doesn't say.
 */
export function describeLedgerContract<L extends Ledger>(
  name: string,
  options: describeLedgerContract.Options<L>,
): void {
  const { create, runs = 200, slow = true, ...rest } = options
  const histories = Number(process.env['FC_RUNS'] ?? runs)
  const seed = Number(process.env['FC_SEED'] ?? 402)
  describe(name, () => {
    for (const one of ledgerContract(create, { seed, histories, payments: 5000, ...rest })) it(one.name, one.run)
  })
  if (!slow) return
  const { openAgain, crash, disturb, close } = slowDown(rest)
  const opening = { ...(openAgain && { openAgain }), ...(crash && { crash }), ...(disturb && { disturb }), close }
  const cases = ledgerContract(async (ports) => createSlowLedger(await create(ports)), {
    ...opening,
    seed,
    histories: 4,
    payments: 100,
  })
  describe(`${name}, with steps that take 8 ms`, () => {
    // They wait and do little, so all wait at once.
    let runs: readonly Promise<PromiseSettledResult<void>>[] | undefined
    for (const [index, one] of cases.entries()) {
      it(one.name, async () => {
        runs ??= cases.map(async ({ run }) => (await Promise.allSettled([run()]))[0])
        const outcome = await runs[index]
        if (outcome?.status === 'rejected') throw outcome.reason
      })
    }
  })
}

export declare namespace describeLedgerContract {
  type Options<L extends Ledger> = ledgerContract.Options<L> & {
    create: (ports: ledgerContract.Ports) => L | Promise<L>
    runs?: number
    /** Whether the cases are run on slow steps, too. @default true */
    slow?: boolean
  }
}

/** A slow ledger has all that the quick one has, so what takes it apart takes the quick one apart. */
function slowDown<L extends Ledger>({ openAgain, crash, disturb, close }: ledgerContract.Options<L>) {
  return {
    openAgain:
      openAgain && (async (ledger: L, ports: ledgerContract.Ports) => createSlowLedger(await openAgain(ledger, ports))),
    crash: crash && (async (ledger: L, ports: ledgerContract.Ports) => createSlowLedger(await crash(ledger, ports))),
    disturb: disturb && (async (ledger: L) => createSlowLedger(await disturb(ledger))),
    close,
  }
}

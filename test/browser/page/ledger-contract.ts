import { configureGlobal } from 'fast-check'
import { createBrowserLedger } from '../../../src/ledger/browser.js'
import { describeLedgerContract } from '../../contracts/ledger.js'
import { cases } from './collect-cases.js'

/** What any ledger must hold, in a page: the tests' names, and how one is run, with the seed of its random cases. */
export const ledgerContract = {
  names: (): readonly string[] => cases.map(({ name }) => name),
  async run({ name, seed }: { name: string; seed: number }): Promise<void> {
    configureGlobal({ seed })
    await cases.find((one) => one.name === name)?.run()
  },
}

let made = 0

describeLedgerContract('createBrowserLedger', {
  create: (ports) => createBrowserLedger({ ...ports, name: `contract-${made++}` }),
  // Each makes a database.
  runs: 40,
})
Object.assign(globalThis, { ledgerContract })

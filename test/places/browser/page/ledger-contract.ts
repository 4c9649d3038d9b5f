import { createBrowserLedger } from '../../../../src/ledger/browser/index.js'
import { ledgerContract as describeContract } from '../../../../src/testing/index.js'

let made = 0

// Each history makes a database.
const cases = describeContract((ports) => createBrowserLedger({ ...ports, name: `contract-${made++}` }), {
  histories: 40,
  payments: 200,
  openAgain: ({ name }, ports) => createBrowserLedger({ ...ports, name }),
})

/** What any ledger must hold, in a page, two tabs' worth of handles included: the cases' names, and how one is run. */
export const ledgerContract = {
  names: (): readonly string[] => cases.map(({ name }) => name),
  async run(name: string): Promise<void> {
    await cases.find((one) => one.name === name)?.run()
  },
}
Object.assign(globalThis, { ledgerContract })

import { writeSync } from 'node:fs'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { TestScheme } from '../../../src/testing/test-scheme.js'

/**
 * Makes calls under a total limit, four at a time, each for a resource of its own, and tells what came of each: a status or a code. A call that
 * the ledger couldn't serve is made again, as an application would.
 */
const [path = '', seller = '', total = '', calls = '[]'] = process.argv.slice(2)
const ledger = await createFileLedger(path, { compactAfterLines: 500 })
const client = new x402Client({ ledger, limits: { total, perDay: '$1000' } }).register('eip155:*', new TestScheme())
const paidFetch = wrapFetchWithPayment(fetch, client)
const rest: string[] = JSON.parse(calls)
tell('open')

async function call(name: string): Promise<string> {
  while (true) {
    const outcome = await attempt(name)
    if (outcome !== 'LEDGER_UNAVAILABLE') return outcome
    tell(`again ${name}`)
  }
}

async function attempt(name: string): Promise<string> {
  try {
    const response = await paidFetch(`${seller}/${name}`)
    await response.text()
    return String(response.status)
  } catch (error) {
    if (!isX402Error(error)) throw error
    return error.code
  }
}

await Promise.all(
  [1, 2, 3, 4].map(async () => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) tell(`${await call(name)} ${name}`)
  }),
)
await ledger.close()

function tell(line: string): void {
  writeSync(1, `${line}\n`)
}

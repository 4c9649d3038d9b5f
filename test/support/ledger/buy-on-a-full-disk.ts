import { writeSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { createMemoryLedger } from '../../../src/ledger/index.js'
import { createSwitch } from './switch-ledger.js'

/**
 * Buys at a seller until the file of its ledger can't grow, ten times more, and once with a ledger that works again. It tells the codes of all
 * refusals, and what came in the end.
 */
const [path = '', url = ''] = process.argv.slice(2)
const { ledger, turnTo } = createSwitch(await createFileLedger(path))
const client = new x402Client({ ledger, limits: { perDay: '$1000' } })
client.register('eip155:*', new ExactEvmScheme(privateKeyToAccount(`0x${'11'.repeat(32)}`)))
const paidFetch = wrapFetchWithPayment(fetch, client)

let bought = 0
async function buy(): Promise<string> {
  try {
    const response = await paidFetch(`${url}/${bought++}`)
    await response.text()
    return String(response.status)
  } catch (error) {
    if (!isX402Error(error)) throw error
    return `${error.code} ${error.money}`
  }
}

const told: string[] = []
while (told.length < 10) {
  const said = await buy()
  if (said !== '200') told.push(said)
}
turnTo(createMemoryLedger())
told.push(await buy())
writeSync(1, `${JSON.stringify(told)}\n`)

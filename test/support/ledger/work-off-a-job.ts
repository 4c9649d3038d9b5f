import { writeSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'

/**
 * Works off one job of a queue: buys what it asks for under the job's own key, tells what came as a line of JSON, and waits. Killed then, it has
 * the response and hasn't acknowledged the job.
 */
const [path = '', url = '', job = ''] = process.argv.slice(2)
const ledger = await createFileLedger(path)
const client = new x402Client({ ledger, purchaseFor: 86_400 })
client.register('eip155:*', new ExactEvmScheme(privateKeyToAccount(`0x${'11'.repeat(32)}`)))
const paidFetch = wrapFetchWithPayment(fetch, client)

async function work(): Promise<object> {
  try {
    const response = await paidFetch(url, { method: 'POST', body: job, x402: { purchase: `job-${job}` } })
    return { status: response.status, body: await response.text() }
  } catch (error) {
    if (!isX402Error(error)) throw error
    return { code: error.code, money: error.money, payment: error.facts['payment'] }
  }
}

writeSync(1, `${JSON.stringify(await work())}\n`)
process.stdin.resume()

import { writeSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { openDesk } from '../../../src/desk/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/wrap-fetch-with-payment.js'
import { isX402Error, x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'

/**
 * Has a ledger's file open as one process of several that take turns: buys what has to be approved at a desk, or is the desk. It tells a line of
 * JSON when it's done, and waits to be killed.
 */
const [path = '', role = '', what = '', by = ''] = process.argv.slice(2)
const ledger = await createFileLedger(path)
writeSync(1, `${JSON.stringify(role === 'buy' ? await buy(what) : await decide(role, what))}\n`)
process.stdin.resume()

async function buy(url: string): Promise<object> {
  const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const client = new x402Client({ ledger, limits: { approve: 'later' } })
  client.register('eip155:*', new ExactEvmScheme(account))
  try {
    const response = await wrapFetchWithPayment(fetch, client)(url)
    return { status: response.status, body: await response.text() }
  } catch (error) {
    if (!isX402Error(error)) throw error
    return { code: error.code, money: error.money, proposal: error.facts['proposal'] }
  }
}

async function decide(verb: string, id: string): Promise<object> {
  const desk = openDesk(ledger)
  const decided = verb === 'approve' ? await desk.approve(id, { by }) : await desk.deny(id, { by })
  return { state: decided.state, by: decided.by, payments: await desk.payments() }
}

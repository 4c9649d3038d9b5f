// Node, Bun and Deno: one purchase on a ledger in a file, in a process of its own; tells one line of JSON.
import { argv } from 'node:process'
import { isX402Error, paymentOf, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { createFileLedger } from 'pay402/ledger/file'
import { privateKeyToAccount } from 'viem/accounts'

const [file, address] = argv.slice(2)
try {
  console.log(JSON.stringify(await buy()))
} catch (error) {
  if (!isX402Error(error)) throw error
  console.log(JSON.stringify({ code: error.code, money: error.money }))
}

async function buy() {
  const ledger = await createFileLedger(file)
  const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
  const client = new x402Client({ ledger, limits: { perDay: '$5' } }).register('eip155:*', new ExactEvmScheme(account))
  const response = await wrapFetchWithPayment(fetch, client)(address, { method: 'POST', body: 'two words' })
  const told = { status: response.status, body: await response.text(), money: paymentOf(response).money }
  const [perDay] = await client.spending()
  await ledger.close()
  return { ...told, left: perDay.left, found: ledger.recovery.lost }
}

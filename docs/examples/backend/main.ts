import { createApp } from './create-app.js'
import { openLedger } from './open-ledger.js'
import { openPayments } from './open-payments.js'
import { readConfig } from './read-config.js'

/** Shorter than what Kubernetes waits before it kills: `terminationGracePeriodSeconds`, less the pause of `preStop`. */
const DRAIN_MS = 40_000

const config = readConfig(process.env)
const { ledger, results, disconnect } = await openLedger(config.ledger, config)
const payments = openPayments(config, ledger)

let isEnding = false
const server = createApp(payments, results, { isEnding: () => isEnding }).listen(config.port, () => {
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : config.port
  console.log(JSON.stringify({ listening: port, ledger: ledger.guarantee }))
})

process.once('SIGTERM', end)
process.once('SIGINT', end)

/** Buys nothing new, finishes what is under way, closes the ledger, and only then the connections: each call gets its response. */
async function end(): Promise<void> {
  isEnding = true
  const { left } = await payments.client.drain({ timeoutMs: DRAIN_MS })
  // What isn't done by now is in the ledger, and the same call presents the same payment.
  console.log(JSON.stringify({ ended: true, left }))
  await disconnect()
  server.close(() => process.exit(0))
  server.closeIdleConnections()
}

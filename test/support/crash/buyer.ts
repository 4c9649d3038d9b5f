import { writeSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import type { Payment } from '../../../src/payment/payment.js'
import { openDoor } from './open-door.js'
import { isFor, type Outcome, type Plan, type Purchase } from './plan.js'
import { createSeams, loseReply, watchLedger, watchRequests } from './seams.js'

/** Buys what the plan says, one after the other, on a ledger in a file; may be killed at any moment that it passes. */
const plan: Plan = JSON.parse(process.argv[2] ?? '')
const seams = createSeams(plan.killAt)
watchRequests(seams)
const file = await seams.around('open', () => createFileLedger(plan.ledger))
const ledger = watchLedger(plan.losesReply ? loseReply(file) : file, seams)

/** What an application would look up first: what it bought before it crashed. */
const delivered: Payment[] = []
for await (const payment of ledger.list({ delivery: 'delivered' })) {
  if (payment.state !== 'released') delivered.push(payment)
}

const account = privateKeyToAccount(plan.privateKey)
const signer = {
  address: account.address,
  signTypedData: seams.wrap('sign', (data) => account.signTypedData(data as never)),
}
const hook = (name: string) => async () => seams.around(`the hook ${name}`, async () => undefined)
const client = new x402Client({
  ledger,
  prepay: plan.prepay,
  limits: {
    pinPayTo: true,
    approve: async () => seams.around('approve', async () => true),
  },
})
  .register('eip155:*', new ExactEvmScheme(signer))
  .onPaymentRequired(hook('onPaymentRequired'))
  .onBeforePaymentCreation(hook('onBeforePaymentCreation'))
  .onAfterPaymentCreation(hook('onAfterPaymentCreation'))
  .onPaymentResponse(hook('onPaymentResponse'))
// So that the ledger is asked how near the limits are.
client.on('payment', () => undefined)

for (const purchase of plan.purchases) {
  const isBought = delivered.some((payment) => isFor(payment, purchase)) && !plan.buysAnew && !purchase.isRemembered
  tell(isBought ? { purchase: purchase.id, outcome: 'delivered before' } : await buy(purchase))
}
await ledger.close()

async function buy({ id, method, tag, isKeyed, tags, name, isRemembered }: Purchase): Promise<Outcome> {
  // Each has a client of its own, as an agent has one for each task; what is remembered of a name isn't in it.
  const payer =
    name === undefined ? client : client.restrict({ reach: 'anywhere', name, total: '$1', perTag: { total: '$1' } })
  const call = await openDoor(plan.door, payer, seams)
  // Under a key a new token is the same request.
  const token = isKeyed ? `for run ${plan.run}` : 'the one there is'
  const headers = { 'x-purchase': id, 'x-run': String(plan.run), authorization: `Bearer ${token}` }
  const key = { purchase: tag, ...(isRemembered && { purchaseFor: 86_400 }) }
  const x402 = { tags: [tag, ...tags], ...(isKeyed && key) }
  try {
    const response = await (method === 'GET'
      ? call(`${plan.seller}/weather`, { headers, x402 })
      : call(`${plan.seller}/report`, { method, headers, x402, body: JSON.stringify({ tag }) }))
    const body: unknown = await seams.around('reading the answer', () => response.json())
    return { purchase: id, outcome: response.status, body }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { purchase: id, outcome: code }
  }
}

function tell(outcome: Outcome): void {
  writeSync(1, `${JSON.stringify(outcome)}\n`)
}

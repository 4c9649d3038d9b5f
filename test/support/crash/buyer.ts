import { writeSync } from 'node:fs'
import { privateKeyToAccount } from 'viem/accounts'
import { ExactEvmScheme } from '../../../schemes/evm/index.js'
import { x402Client } from '../../../src/index.js'
import { createFileLedger } from '../../../src/ledger/file/index.js'
import { openDoor } from './open-door.js'
import type { Outcome, Plan, Purchase } from './plan.js'
import { createSeams, loseReply, watchLedger, watchRequests } from './seams.js'

/** Buys what the plan says, one after the other, on a ledger in a file; may be killed at any moment that it passes. */
const plan: Plan = JSON.parse(process.argv[2] ?? '')
const seams = createSeams(plan.killAt)
watchRequests(seams)
const file = await seams.around('open', () => createFileLedger(plan.ledger))
const ledger = watchLedger(plan.losesReply ? loseReply(file) : file, seams)

/** What an application would look up first: what it bought before it crashed. */
const delivered = new Set<string>()
for await (const { call, state } of ledger.list({ delivery: 'delivered' })) {
  if (state !== 'released') for (const tag of call.tags) delivered.add(tag)
}

const account = privateKeyToAccount(plan.privateKey)
const signer = {
  address: account.address,
  signTypedData: seams.wrap('sign', (data) => account.signTypedData(data as never)),
}
const hook = (name: string) => async () => seams.around(`the hook ${name}`, async () => undefined)
const client = new x402Client({
  ledger,
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
const call = await openDoor(plan.door, client, seams)

for (const purchase of plan.purchases) {
  const isBought = delivered.has(purchase.key) && !plan.buysAnew
  tell(isBought ? { purchase: purchase.key, outcome: 'delivered before' } : await buy(purchase))
}
await ledger.close()

async function buy({ key, method, isUnnamed }: Purchase): Promise<Outcome> {
  // Under a key a new token is the same request.
  const token = isUnnamed ? 'the one there is' : `for run ${plan.run}`
  const headers = { 'x-purchase': key, 'x-run': String(plan.run), authorization: `Bearer ${token}` }
  const x402 = { tags: [key], ...(isUnnamed ? {} : { purchase: key }) }
  try {
    const response = await (method === 'GET'
      ? call(`${plan.seller}/weather`, { headers, x402 })
      : call(`${plan.seller}/report`, { method, headers, x402, body: JSON.stringify({ key }) }))
    const body: unknown = await seams.around('reading the answer', () => response.json())
    return { purchase: key, outcome: response.status, body }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return { purchase: key, outcome: code }
  }
}

function tell(outcome: Outcome): void {
  writeSync(1, `${JSON.stringify(outcome)}\n`)
}

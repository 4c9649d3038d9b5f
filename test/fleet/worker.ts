import { X402Error } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment, x402Client } from 'pay402/fetch'
import type { Ledger } from 'pay402/ledger'
import { privateKeyToAccount } from 'viem/accounts'
import { type OpenLedger, openLedger } from './ledger.js'
import type { Counted, Ended, LedgerPlan, Order, Report, WorkerPlan } from './plan.js'

/** One process of the fleet: buys what it is told to, on the ledger that all share. */
const plan: WorkerPlan = JSON.parse(process.argv[2] ?? '')

/** A key isn't bought twice within this time, as a service sets it whose queue may deliver a job again. */
const PURCHASE_FOR_SECONDS = 86_400

if (plan.clockAheadSeconds > 0) setClockAhead(plan.clockAheadSeconds * 1000)
process.on('disconnect', () => process.exit(1)) // the director is gone

const { ledger, use } = await openPatiently(plan.ledger)
const account = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const limits = { perPayment: '$1', perDay: plan.budget } as const
const client = new x402Client({ ledger, limits, purchaseFor: PURCHASE_FOR_SECONDS })
client.register('eip155:*', new ExactEvmScheme(account, { signing: 'hash' }))
client.on('payment', (event) => {
  if (event.type === 'warning') tell({ warning: event.warning.code })
})
const paidFetch = wrapFetchWithPayment(fetch, client)

process.on('message', (order: Order) => {
  if ('ask' in order) void buy(order.ask).then((ended) => tell({ ended }))
  else if ('use' in order) use(order.use)
  else void count(ledger).then((counted) => tell({ counted }))
})
tell({ isReady: true })

async function buy(purchase: number): Promise<Ended> {
  const begun = performance.now()
  const end = (ended: Omit<Ended, 'purchase' | 'ms'>): Ended => ({ purchase, ms: performance.now() - begun, ...ended })
  try {
    const response = await paidFetch(`${plan.seller}/item/${purchase}`, { x402: { purchase: `item-${purchase}` } })
    await response.text()
    return end(response.ok ? { is: 'paid' } : { is: 'failed', code: String(response.status) })
  } catch (error) {
    return end(readError(error))
  }
}

/** What the limit refuses is over; what was bought by an earlier try, whose response was lost, is paid for. */
function readError(error: unknown): Pick<Ended, 'is' | 'code' | 'message' | 'money'> {
  if (!(error instanceof X402Error)) return { is: 'failed', code: 'not ours', message: String(error) }
  const { code, money, message, cause } = error
  if (code === 'LIMIT_WINDOW') return { is: 'refused' }
  if (code === 'ALREADY_BOUGHT') return { is: 'paid' }
  return { is: 'failed', code, money, message: cause instanceof Error ? `${message} (${cause.message})` : message }
}

async function count({ list, spent }: Ledger): Promise<Counted> {
  const nonces: string[] = []
  for await (const { state, nonce } of list({})) if (state !== 'released' && nonce !== undefined) nonces.push(nonce)
  const { count: sum } = await spent({ name: 'perDay', unit: 'usd', scope: {}, windowSeconds: 86_400 })
  return { nonces, sum }
}

/** As a service does that is started before its database. */
async function openPatiently(where: LedgerPlan): Promise<OpenLedger> {
  while (true) {
    try {
      return await openLedger(where)
    } catch (error) {
      if (!(error instanceof X402Error) || error.code !== 'LEDGER_UNAVAILABLE') throw error
      tell({ opening: error.message })
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** All of this process is in the future: pay402, its ledger, the client of the database, and what is signed. */
function setClockAhead(ms: number): void {
  const realNow = Date.now
  const now = () => realNow() + ms
  globalThis.Date = new Proxy(Date, {
    construct: (target, given) => Reflect.construct(target, given.length > 0 ? given : [now()]),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
}

function tell(report: Report): void {
  process.send?.(report)
}

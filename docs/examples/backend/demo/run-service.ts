import { openDesk } from 'pay402/desk'
import { toDollars } from '../../demo/show.js'
import type { Story } from '../../demo/start-story.js'
import { openLedger } from '../open-ledger.js'
import type { Engine } from './find-engine.js'
import type { Place } from './open-place.js'
import { type Reply, startInstance } from './start-instance.js'

/** How many reports customer 7 wants, and how many its budget of $0.05 pays for. */
const WANTED = 20
const ALLOWED = 5

/**
 * Runs two instances of the service, and does to them what happens in production.
 *
 * @throws When one thing isn't as it should be.
 */
export async function runService(story: Story, place: Place, engine: Engine): Promise<void> {
  const environment = {
    REPORTS_URL: place.seller.url,
    WALLET_PRIVATE_KEY: place.wallet.privateKey,
    LEDGER: engine.address,
  }
  const start = () => startInstance(environment)
  const [a, b] = await Promise.all([start(), start()])

  story.chapter('Two instances of one service buy reports for customers. All of it runs on this machine.')
  story.row('ledger', engine.about)
  story.row('instances', `A at ${a.url}, B at ${b.url}, from docs/examples/backend`)
  story.row('seller', `@x402/express at ${place.seller.url}, a cent a report`)
  story.row('wallet', `${place.wallet.address}, one for all customers`)
  story.row('limits', '$0.05 a customer and month (perTag), $5 a day for all')

  story.chapter(`1  Customer 7 wants ${WANTED} reports at once, half of them from each instance`)
  const before = await place.earned()
  const cities = Array.from({ length: WANTED }, (_, index) => `city-${index}`)
  const replies = await Promise.all(
    cities.map((city, index) => (index % 2 === 0 ? a : b).get(`/customers/7/reports/${city}`)),
  )
  const bought = replies.filter(({ status }) => status === 200).length
  const refused = replies.filter(isRefused)
  const paid = (await place.earned()) - before
  story.row('got', `${bought} reports; ${refused.length} were refused with ${listCodes(refused)}`)
  story.row('chain', `the seller earned ${toDollars(paid)}`)
  story.expect(`exactly ${ALLOWED} were bought, over both instances`, bought === ALLOWED)
  story.expect(
    'each other one was refused before anything was signed',
    refused.length === WANTED - ALLOWED && refused.every(({ body }) => body['money'] === 'untouched'),
  )
  story.expect('the chain moved exactly $0.05', paid === 50_000n)
  const [budgetOfA, budgetOfB] = await Promise.all([a.get('/customers/7/budget'), b.get('/customers/7/budget')])
  story.expect('both instances tell the same budget', JSON.stringify(budgetOfA.body) === JSON.stringify(budgetOfB.body))
  story.expect('customer 8 has a budget of its own', (await b.get('/customers/8/reports/lisbon')).status === 200)

  story.chapter('2  A gets SIGTERM while it waits for a report that the seller is still writing')
  const start2 = await place.earned()
  const held = place.hold()
  const waiting = a.get('/customers/9/reports/porto')
  await held.begun
  story.row('seller', 'has the payment, and writes')
  a.signal('SIGTERM')
  const notReady = await until(
    () => a.get('/ready'),
    ({ status }) => status === 503,
  )
  const late = await a.get('/customers/9/reports/faro')
  story.row('A', `is asked for another report, and answers ${late.status} ${late.body['refused']}`)
  story.expect('A says that it is not ready, so that nothing new is sent to it', notReady.status === 503)
  story.expect('A buys nothing new', late.status === 503 && late.body['money'] === 'untouched')
  const meanwhile = await b.get('/customers/9/reports/faro')
  story.expect('B buys the same meanwhile', meanwhile.status === 200)
  held.letGo()
  story.row('seller', 'is done')
  const finished = await waiting
  const code = await a.gone
  story.row('A', `hands over the report, and ends with code ${code}`)
  story.expect('the report that was under way arrived', finished.status === 200)
  story.expect('A ended by itself, with code 0', code === 0)
  story.expect('both reports cost exactly $0.02', (await place.earned()) - start2 === 20_000n)

  story.chapter('3  A queue delivers a job twice, since A is killed before it acknowledges')
  const again = await start()
  const start3 = await place.earned()
  const job = { job: 'job-1', customer: '10', city: 'braga' }
  const first = await again.post('/jobs', job)
  await again.end('SIGKILL')
  story.row('A', `bought the report of job-1 (${first.status}), and was killed; the queue never heard of it`)
  const second = await b.post('/jobs', job)
  story.row('B', `gets job-1, and answers ${second.status} ${JSON.stringify(second.body)}`)
  story.expect('B acknowledges it as done before', second.status === 200 && second.body['done'] === 'before')
  const [one, other] = [first, second].map(({ body }) => JSON.stringify(body['report']))
  story.expect('and has the report that A stored', one !== undefined && one === other)
  story.expect('the job cost one cent, once', (await place.earned()) - start3 === 10_000n)

  story.chapter('4  What the ledger says, asked by a third process')
  await b.end('SIGTERM')
  const { ledger, disconnect } = await openLedger(engine.address)
  const payments = await openDesk(ledger).payments({ limit: Number.POSITIVE_INFINITY })
  await ledger.close?.()
  await disconnect()
  const settled = payments.filter(({ money, delivery }) => money === 'settled' && delivery === 'delivered')
  story.row('ledger', `${payments.length} payments; ${settled.length} settled and delivered`)
  const sum = BigInt(settled.length) * 10_000n
  const earned = (await place.earned()) - before
  story.row('chain', `the seller earned ${toDollars(earned)} in all`)
  story.expect(
    'no payment is in doubt, and none is held',
    payments.every(({ money }) => money === 'settled' || money === 'released'),
  )
  story.expect('what the ledger counts is what the chain moved', sum === earned)
}

function isRefused({ status }: Reply): boolean {
  return status === 429
}

function listCodes(replies: readonly Reply[]): string {
  return [...new Set(replies.map(({ body }) => String(body['refused'])))].join(', ')
}

/** Asks until the reply is as it should be. It is asked without a pause: a signal takes moments to arrive. */
async function until(ask: () => Promise<Reply>, isDone: (reply: Reply) => boolean): Promise<Reply> {
  while (true) {
    const reply = await ask()
    if (isDone(reply)) return reply
  }
}

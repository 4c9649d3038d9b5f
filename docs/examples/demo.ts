import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { expectFree, expectPaid, expectRefused } from './demo/expect-purchase.js'
import { openShop, type Shop } from './demo/open-shop.js'
import { toDollars, toDuration } from './demo/show.js'
import { startStory } from './demo/start-story.js'
import { tellPurchase } from './demo/tell-purchase.js'
import { watchPurchases } from './demo/watch-purchases.js'

/** However it goes, the demo ends by itself. */
const deadlineMs = 30_000
const buyerHas = 100_000_000n

const story = startStory()
const deadline = setTimeout(() => fail(`The demo took longer than ${toDuration(deadlineMs)}.`), deadlineMs)

try {
  const shop = await openShop({ buyerHas })
  try {
    await goShopping(shop)
  } finally {
    await shop.close()
  }
  story.chapter(`All ${story.held} expectations held, in ${toDuration(performance.now())}.`)
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
} finally {
  clearTimeout(deadline)
}

async function goShopping(shop: Shop): Promise<void> {
  const { buyer, chain, seller } = shop

  // These two lines are all that a program needs. It sets no limits, so the default holds: $1 a payment and $10 a day.
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(buyer))
  const paidFetch = wrapFetchWithPayment(fetch, client)

  const watch = watchPurchases(client, shop)

  story.chapter('A buyer with pay402 meets a seller with the official x402 server. All of it runs on this machine.')
  story.row('chain', `anvil at ${chain.url}, with the chain id of Base Sepolia, ${chain.chainId}`)
  story.row('dollar', `${chain.usdc} (where Base Sepolia has its USDC; ours is play money)`)
  story.row('seller', `${seller.payTo}, @x402/express at ${seller.url}`)
  story.row('buyer', `${buyer.address}, with ${toDollars(buyerHas)}`)
  story.row('limits', 'the defaults: $1 a payment, $10 a day')
  story.row('took', `${toDuration(performance.now())} to start all this`)

  story.chapter('1  Buy the weather: GET /weather')
  const weather = await watch(() => paidFetch(`${seller.url}/weather`))
  await tellPurchase(story, weather)
  await expectPaid(story, shop, weather, 10_000n)

  story.chapter('2  Buy a report, with a JSON body: POST /report')
  const body = JSON.stringify({ city: 'Lisbon', days: 3 })
  const headers = { 'content-type': 'application/json' }
  const report = await watch(() => paidFetch(`${seller.url}/report`, { method: 'POST', headers, body }))
  await tellPurchase(story, report)
  await expectPaid(story, shop, report, 20_000n)
  story.expect('the body reached the seller unchanged', (await report.answer?.text()) === body)

  story.chapter('3  Be asked for too much: GET /expensive')
  const expensive = await watch(() => paidFetch(`${seller.url}/expensive`))
  await tellPurchase(story, expensive)
  expectRefused(story, expensive)

  story.chapter('4  Take what is free: GET /free')
  const free = await watch(() => paidFetch(`${seller.url}/free`))
  await tellPurchase(story, free)
  expectFree(story, free)
}

/** Says what is wrong and ends the process; the chain ends with it. */
function fail(reason: string): never {
  process.stderr.write(`\nThe demo failed. ${reason}\n`)
  process.exit(1)
}

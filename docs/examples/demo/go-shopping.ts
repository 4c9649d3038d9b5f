import { x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { wrapFetchWithPayment } from 'pay402/fetch'
import { expectFree, expectLost, expectPaid, expectRefused, expectResumed } from './expect-purchase.js'
import type { Shop } from './open-shop.js'
import { toDollars, toDuration } from './show.js'
import type { Story } from './start-story.js'
import { tellPurchase } from './tell-purchase.js'
import { watchPurchases } from './watch-purchases.js'

/**
 * Buys what the shop has, meets each way in which a purchase can end, and checks each of them on the chain.
 *
 * @throws When one thing isn't as it should be.
 */
export async function goShopping(story: Story, shop: Shop): Promise<void> {
  const { buyer, chain, line, seller } = shop

  // These two lines are all that a program needs. It sets no limits, so the default holds: $1 a payment and $10 a day.
  const client = new x402Client().register('eip155:*', new ExactEvmScheme(buyer))
  const paidFetch = wrapFetchWithPayment(fetch, client)

  const watch = watchPurchases(client, shop)

  story.chapter('A buyer with pay402 meets a seller with the official x402 server. All of it runs on this machine.')
  story.row('chain', `anvil at ${chain.url}, with the chain id of Base Sepolia, ${chain.chainId}`)
  story.row('dollar', `${chain.usdc} (where Base Sepolia has its USDC; ours is play money)`)
  story.row('seller', `${seller.payTo}, @x402/express at ${seller.url}`)
  story.row('buyer', `${buyer.address}, with ${toDollars(await chain.balanceOf(buyer.address))}`)
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

  story.chapter('5  Lose the response: GET /weather, over a line that breaks')
  story.row('line', 'drops the connection each time the payment is sent, until the call gives up')
  story.row('', "the buyer can't see whether the seller got the payment, so it stays counted")
  const lost = await watch(() => paidFetch(`${line.url}/weather`))
  await tellPurchase(story, lost)
  expectLost(story, lost)
  const [perDay] = await client.spending()
  story.expect('it counts against the budget of the day', perDay?.held === '$0.01')

  story.chapter('6  Make the same call again: it presents the payment of step 5')
  story.row('line', 'holds this time')
  const again = await watch(() => paidFetch(`${line.url}/weather`))
  await tellPurchase(story, again)
  await expectResumed(story, shop, again, { lost, price: 10_000n })
}

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import type { OfficialSeller } from '../../support/chain/official-seller.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { type Meddle, onlyFirst, startProxy } from '../../support/money/start-proxy.js'
import { type ChainBuyer, createChainBuyer, paymentFor } from './create-chain-buyer.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

let seller: OfficialSeller
beforeEach(async () => {
  seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
})
afterEach(() => seller.stop())

/** A buyer whose pauses are over at once, by the time of the chain. */
function createBuyer(): Promise<ChainBuyer> {
  return createChainBuyer(chain, 1_000_000n, { clock: createBriskClock(Math.floor(Date.now() / 1000)) })
}

async function openProxy(meddle: Meddle, keepsAnswers = false) {
  const proxy = await startProxy(seller.url, { meddle, keepsAnswers })
  onTestFinished(() => proxy.stop())
  return proxy
}

/** One authorization was signed, and one transfer of its price is on the chain. */
async function expectOneTransfer(buyer: ChainBuyer, payments: readonly string[], price = 10_000n): Promise<void> {
  expect(buyer.nonces).toHaveLength(1)
  expect(new Set(payments).size).toBe(1)
  expect(await chain.balanceOf(seller.payTo)).toBe(price)
  expect(await chain.balanceOf(buyer.address)).toBe(1_000_000n - price)
}

const faults: Readonly<Record<string, Meddle>> = {
  'a reset': (_answer, response) => void response.destroy(),
  'a 503': (_answer, response) => void response.writeHead(503).end(),
  'a 504': (_answer, response) => void response.writeHead(504, { 'retry-after': '1' }).end(),
}

describe.each(Object.entries(faults))('settled, then %s:', (_name, fault) => {
  test('the plain official seller takes one transfer and ends in PAID_NOT_DELIVERED', async () => {
    const proxy = await openProxy(onlyFirst(fault))
    const buyer = await createBuyer()
    await expect(buyer.fetch(`${proxy.url}/weather`)).rejects.toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    await expectOneTransfer(buyer, proxy.payments)
    await expect(buyer.fetch(`${proxy.url}/weather`)).rejects.toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    await expectOneTransfer(buyer, proxy.payments)
  })

  test('a seller that keeps its answers takes one transfer and delivers', async () => {
    const proxy = await openProxy(onlyFirst(fault), true)
    const buyer = await createBuyer()
    const response = await buyer.fetch(`${proxy.url}/weather`)
    expect(await response.json()).toEqual({ city: 'Lisbon', temperature: 21 })
    expect(paymentFor(response)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    await expectOneTransfer(buyer, proxy.payments)
  })

  test('a seller that keeps its answers takes one transfer for a POST, and delivers to the next call', async () => {
    const proxy = await openProxy(onlyFirst(fault), true)
    const buyer = await createBuyer()
    const post = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
    const call = () => buyer.fetch(`${proxy.url}/report`, post)
    await call().then(
      (response) => expect(paymentFor(response)).toMatchObject({ money: 'in-doubt', delivery: 'lost' }),
      (error: unknown) => expect(error).toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' }),
    )
    expect(await (await call()).json()).toEqual({ a: 1 })
    await expectOneTransfer(buyer, proxy.payments, 20_000n)
  })
})

test('settled, then a second 402: one transfer, whatever the seller says', async () => {
  const meddle: Meddle = async (_answer, response) => {
    const unpaid = await fetch(`${seller.url}/weather`)
    response.writeHead(402, { 'payment-required': unpaid.headers.get('payment-required') ?? '' }).end('{}')
  }
  const proxy = await openProxy(meddle)
  const buyer = await createBuyer()
  for (let call = 0; call < 3; call++) {
    await expect(buyer.fetch(`${proxy.url}/weather`)).rejects.toMatchObject({
      code: 'PAYMENT_REJECTED',
      money: 'in-doubt',
    })
  }
  await expectOneTransfer(buyer, proxy.payments)
})

test('a settlement that is pending: one transfer once the chain moves on', async () => {
  await seller.stop()
  seller = await startOfficialExpressSeller({
    facilitator: createOfficialFacilitator(chain, { confirmationTimeoutMs: 300 }),
  })
  const clock = createBriskClock(Math.floor(Date.now() / 1000))
  const moving = {
    ...clock,
    async wait() {
      await chain.setAutomine(true)
      await chain.mine()
    },
  }
  const buyer = await createChainBuyer(chain, 1_000_000n, { clock: moving })
  await chain.setAutomine(false)
  const outcome = await buyer.fetch(`${seller.url}/weather`).catch((error: unknown) => error)
  await chain.setAutomine(true)
  await chain.mine()
  expect(outcome).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
  expect(seller.requests).toHaveLength(3)
  await expectOneTransfer(
    buyer,
    seller.requests.flatMap(({ headers }) => [headers['payment-signature'] ?? []].flat()),
  )
})

import { HTTPFacilitatorClient } from '@x402/core/server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { createGate } from '../../support/money/create-gate.js'
import { answer, type SettleMeddle, startFacilitatorServer } from '../../support/money/start-facilitator-server.js'
import { refusalOf } from '../../unit/flow/refusal-of.js'
import { createChainBuyer, paymentFor } from './create-chain-buyer.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

/** An official seller whose facilitator is somewhere else on the network. */
async function openShop(meddle?: SettleMeddle) {
  const facilitator = await startFacilitatorServer(createOfficialFacilitator(chain), meddle)
  const seller = await startOfficialExpressSeller({ facilitator: new HTTPFacilitatorClient({ url: facilitator.url }) })
  onTestFinished(async () => {
    await Promise.all([seller.stop(), facilitator.stop()])
  })
  const clock = createBriskClock(Math.floor(Date.now() / 1000))
  const buyer = await createChainBuyer(chain, 1_000_000n, { clock })
  return { seller, buyer }
}

describe('an official seller with an HTTPFacilitatorClient', () => {
  test('sells, and the money moves once', async () => {
    const { seller, buyer } = await openShop()
    const response = await buyer.fetch(`${seller.url}/weather`)
    expect(await response.json()).toEqual({ city: 'Lisbon', temperature: 21 })
    expect(paymentFor(response)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
    expect(buyer.nonces).toHaveLength(1)
  })

  test('whose facilitator is slow takes one payment of a buyer who goes away, and calls again', async () => {
    const [settled, awake] = [createGate(), createGate()]
    const { seller, buyer } = await openShop(async (result, response) => {
      settled.open()
      await awake.passed
      answer(result, response)
    })
    const abort = new AbortController()
    const post = { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } }
    const call = refusalOf(buyer.fetch(`${seller.url}/report`, { ...post, signal: abort.signal }))
    await settled.passed
    abort.abort()
    expect(await call).toMatchObject({ code: 'ABORTED', money: 'in-doubt' })
    awake.open()
    expect(await refusalOf(buyer.fetch(`${seller.url}/report`, post))).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    expect(await chain.balanceOf(seller.payTo)).toBe(20_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(980_000n)
    expect(buyer.nonces).toHaveLength(1)
  })

  test('whose facilitator is slow delivers to a buyer who waits', async () => {
    const { seller, buyer } = await openShop(async (settled, response) => {
      await chain.mine(3)
      answer(settled, response)
    })
    expect((await buyer.fetch(`${seller.url}/weather`)).status).toBe(200)
    expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
  })

  test('whose facilitator dies after it settled takes one payment, however often it is called', async () => {
    const { seller, buyer } = await openShop((_settled, response) => void response.destroy())
    for (let call = 0; call < 3; call++) {
      const outcome = await buyer.fetch(`${seller.url}/weather`).then(paymentFor, (error: unknown) => error)
      expect(outcome).toMatchObject({ money: 'in-doubt' })
    }
    expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
    expect(buyer.nonces).toHaveLength(1)
  })

  test('whose facilitator answers 500 after it settled takes one payment', async () => {
    const { seller, buyer } = await openShop((_settled, response) => void response.writeHead(500).end('{}'))
    for (let call = 0; call < 2; call++) {
      const outcome = await buyer.fetch(`${seller.url}/weather`).then(paymentFor, (error: unknown) => error)
      expect(outcome).toMatchObject({ money: 'in-doubt' })
    }
    expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
    expect(buyer.nonces).toHaveLength(1)
  })
})

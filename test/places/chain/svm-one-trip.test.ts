import { type Address, generateKeyPairSigner } from '@solana/kit'
import { decodePaymentRequiredHeader, decodePaymentSignatureHeader } from '@x402/core/http'
import { ExactSvmScheme as OfficialScheme } from '@x402/svm/exact/client'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ExactSvmScheme, type RpcSource } from '../../../schemes/svm/index.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type ClientOptions, type SchemeNetworkClient, x402Client } from '../../../src/index.js'
import { createManualClock, type ManualClock } from '../../../src/testing/manual-clock.js'
import { cosign } from '../../support/chain/svm/cosign.js'
import { createHeldRpc } from '../../support/chain/svm/create-held-rpc.js'
import { createOfficialSvmFacilitator } from '../../support/chain/svm/create-official-svm-facilitator.js'
import { createSvmChain, type SvmChain } from '../../support/chain/svm/create-svm-chain.js'
import { type SvmRoute, startOfficialSvmSeller } from '../../support/chain/svm/start-official-svm-seller.js'
import { paymentFor } from './create-chain-buyer.js'

let chain: SvmChain
let payTo: Address
let clock: ManualClock
beforeEach(async () => {
  // What repeats goes by the test; answers come when they come.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  clock = createManualClock()
  chain = await createSvmChain()
  payTo = (await generateKeyPairSigner()).address
  await chain.writeAccount(payTo)
})
afterEach(async () => {
  vi.useRealTimers()
  await chain.stop()
})

/** An official seller of `/weather`, which takes a cent; it may write a blockhash of its own into each 402. */
async function openSeller(framework: 'express' | 'hono' = 'express', { ownBlockhash = false } = {}) {
  const accepts = { scheme: 'exact', network: chain.network, price: '$0.01', payTo }
  const routes: Record<'GET /weather', SvmRoute> = { 'GET /weather': { accepts } }
  const facilitators = [createOfficialSvmFacilitator(chain)]
  const rpcUrl = ownBlockhash ? chain.url : undefined
  const seller = await startOfficialSvmSeller(framework, facilitators, routes, undefined, rpcUrl)
  onTestFinished(seller.stop)
  const route = `${seller.url}/weather`
  return {
    ...seller,
    route,
    /** From now on its handler fails, after the payment was verified. */
    fail() {
      routes['GET /weather'].status = 500
    },
    /** The last payment that it was sent, signed by the facilitator, too. */
    readLast() {
      const { transaction } = decodePaymentSignatureHeader(seller.payments.at(-1) ?? '').payload
      return cosign(chain.facilitator, String(transaction))
    },
  }
}

/** A buyer with a dollar, whose requests are counted. */
async function createBuyer(sources: readonly RpcSource[], options: ClientOptions, official = false) {
  const signer = await generateKeyPairSigner()
  await chain.writeAccount(signer.address, { amount: 1_000_000n })
  const scheme: SchemeNetworkClient = official
    ? new OfficialScheme(signer, { rpcUrl: chain.url })
    : new ExactSvmScheme(signer, { rpc: sources.length === 0 ? {} : { [chain.network]: sources } })
  const client = new x402Client({ clock, ...options }).register('solana:*', scheme)
  let requests = 0
  const paidFetch = wrapFetchWithPayment((...request) => {
    requests++
    return fetch(...request)
  }, client)
  return {
    client,
    requests: () => requests,
    async buy(url: string) {
      const payment = paymentFor(await paidFetch(url))
      expect(payment).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      return payment
    },
    paidFetch,
  }
}

/** Lets time pass on the cluster, on the clock and for what repeats. */
async function pass(seconds: number, rpc?: { settle(): Promise<void> }) {
  for (let left = seconds; left > 0; left -= 10) {
    const step = Math.min(10, left)
    clock.advance(step)
    chain.advance(Math.round(step * 2.5))
    vi.advanceTimersByTime(step * 1_000)
    await rpc?.settle()
  }
}

describe.each(['express', 'hono'] as const)('prepaying the official %s seller on Solana', (framework) => {
  test('asks no RPC between a call and its request, however far apart the calls are', async () => {
    const seller = await openSeller(framework)
    const rpc = createHeldRpc(chain.url)
    const { buy, requests } = await createBuyer([rpc.client], { prepay: [{ route: seller.route }] })
    await buy(seller.route)
    const first = rpc.asked.length
    for (let call = 1; call < 20; call++) {
      await pass([1, 14, 16, 70, 299, 599][call % 6] ?? 0, rpc)
      const release = rpc.hold()
      await buy(seller.route)
      release()
      await rpc.settle()
    }
    expect(requests()).toBe(21)
    expect(new Set(rpc.asked.slice(first))).toEqual(new Set(['getLatestBlockhash']))
    expect(await chain.balanceOf(payTo)).toBe(200_000n)
    expect(chain.landed).toHaveLength(20)
  })

  test('signs no blockhash that the seller wrote for an earlier call', async () => {
    const seller = await openSeller(framework, { ownBlockhash: true })
    const rpc = createHeldRpc(chain.url)
    const { buy, requests } = await createBuyer([rpc.client], { prepay: [{ route: seller.route }] })
    for (let call = 0; call < 5; call++) {
      await buy(seller.route)
      await pass(150, rpc)
    }
    expect(requests()).toBe(6)
    expect(await chain.balanceOf(payTo)).toBe(50_000n)
    const extras = seller.payments.map((header) =>
      Object.keys(decodePaymentSignatureHeader(header).accepted.extra ?? {}),
    )
    expect(extras).toEqual([
      ['feePayer', 'recentBlockhash', 'lastValidBlockHeight'],
      ...new Array(4).fill(['feePayer']),
    ])
  })
})

describe('terms with a blockhash that the seller wrote', () => {
  test('are prepaid with a newer one when they are given ahead', async () => {
    const seller = await openSeller('express', { ownBlockhash: true })
    const asked = await fetch(seller.route)
    const terms = decodePaymentRequiredHeader(asked.headers.get('payment-required') ?? '')
    chain.advance(151)
    const { buy, requests } = await createBuyer([chain.url], { prepay: [{ route: seller.route, terms }] })
    await buy(seller.route)
    expect(requests()).toBe(1)
  })

  test('are asked for each time where no one else can be asked', async () => {
    const seller = await openSeller('express', { ownBlockhash: true })
    const { buy, requests } = await createBuyer([], { prepay: [{ route: seller.route }] })
    for (let call = 0; call < 3; call++) {
      await buy(seller.route)
      await pass(150)
    }
    expect(requests()).toBe(6)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are asked for again when the RPC fails', async () => {
    const seller = await openSeller('express', { ownBlockhash: true })
    const rpc = createHeldRpc(chain.url)
    const { buy, requests } = await createBuyer([rpc.client], { prepay: [{ route: seller.route }] })
    await buy(seller.route)
    rpc.hold()(new Error('gone'))
    await pass(150, rpc)
    await buy(seller.route)
    expect(requests()).toBe(2 + 2)
    rpc.hold()()
    await buy(seller.route)
    expect(requests()).toBe(2 + 2 + 1)
  })
})

test("prepaying with the official scheme: pays at once, and asks for each payment's blockhash", async () => {
  const seller = await openSeller()
  const { buy, requests } = await createBuyer([], { prepay: [{ route: seller.route }] }, true)
  await buy(seller.route)
  await pass(150)
  await buy(seller.route)
  expect(requests()).toBe(3)
})

describe('a blockhash that is fetched ahead', () => {
  async function open({ sources = 1, options }: Opened = {}) {
    const seller = await openSeller()
    const rpcs = Array.from({ length: sources }, () => createHeldRpc(chain.url))
    const clients = rpcs.map(({ client }) => client)
    const buyer = await createBuyer(clients, options ?? { prepay: [{ route: seller.route }] })
    const settle = async () => {
      for (const rpc of rpcs) await rpc.settle()
    }
    const countAsked = () => rpcs.map(({ asked }) => asked.filter((method) => method === 'getLatestBlockhash').length)
    return { seller, rpcs, buyer, buy: () => buyer.buy(seller.route), settle, countAsked }
  }
  type Opened = { sources?: number; options?: ClientOptions }

  test('costs one question in ten seconds, and none ten minutes after the last payment', async () => {
    const { buy, settle, countAsked } = await open()
    await buy()
    await pass(590, { settle })
    await buy()
    expect(countAsked()).toEqual([60])
    await pass(600, { settle })
    expect(vi.getTimerCount()).toBe(0)
    await pass(600, { settle })
    expect(countAsked()).toEqual([60 + 59])
    await buy()
    expect(countAsked()).toEqual([60 + 60])
    expect(vi.getTimerCount()).toBe(1)
  })

  test('is asked for once by any number of calls', async () => {
    const { buy, settle, countAsked } = await open()
    await buy()
    await pass(14, { settle })
    await Promise.all(Array.from({ length: 20 }, buy))
    await settle()
    expect(countAsked()).toEqual([2])
  })

  test('is none of a client that prepays nothing', async () => {
    const { buy, settle, countAsked } = await open({ options: {} })
    await buy()
    expect(vi.getTimerCount()).toBe(0)
    await pass(600, { settle })
    expect(countAsked()).toEqual([1])
  })

  test('is signed while an RPC is silent or fails, as long as it is fresh; then a payment asks', async () => {
    const { buy, buyer, rpcs, settle, countAsked } = await open()
    await buy()
    const release = rpcs[0]?.hold()
    await pass(14)
    await buy()
    expect(countAsked()).toEqual([2])
    release?.(new Error('gone'))
    await settle()
    expect(vi.getTimerCount()).toBe(0)
    clock.advance(1)
    const again = rpcs[0]?.hold()
    const buying = buy()
    await vi.waitFor(() => expect(countAsked()).toEqual([3]))
    again?.()
    await buying
    expect(vi.getTimerCount()).toBe(1)
    expect(buyer.requests()).toBe(4)
  })

  test('is not taken of some sources, since only all of them prove a payment dead', async () => {
    const { buy, seller, buyer, rpcs, settle, countAsked } = await open({ sources: 2 })
    await buy()
    const release = rpcs[1]?.hold()
    await pass(10)
    release?.(new Error('gone'))
    await settle()
    expect(vi.getTimerCount()).toBe(0)
    rpcs[1]?.hold()()
    await pass(5, { settle })
    seller.fail()
    await buyer.paidFetch(seller.route)
    expect(countAsked()).toEqual([3, 3])
    await pass(300, { settle })
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'released' }])
  })

  test('proves a payment dead as late as the cluster says, and not before', async () => {
    const { buy, seller, buyer, settle } = await open()
    await buy()
    await pass(290, { settle })
    chain.advance(151) // a new blockhash, with 125 blocks left when it's fetched
    await pass(10, { settle })
    seller.fail()
    const lost = paymentFor(await buyer.paidFetch(seller.route))
    expect(lost).toMatchObject({ money: 'in-doubt', delivery: 'lost' })
    chain.advance(125 + 32)
    clock.advance(500)
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'in-doubt' }])
    chain.advance(1)
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'released' }])
    const late = await seller.readLast()
    expect(() => chain.send(late)).toThrow('Blockhash')
  })

  test('is known to be spent when the seller settles late', async () => {
    const { buy, seller, buyer, settle } = await open()
    await buy()
    await pass(300, { settle })
    seller.fail()
    await buyer.paidFetch(seller.route)
    chain.send(await seller.readLast())
    await pass(300)
    expect(await buyer.client.reconcile()).toMatchObject([{ money: 'settled' }])
    expect(await chain.balanceOf(payTo)).toBe(20_000n)
  })
})

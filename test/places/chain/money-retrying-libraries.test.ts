import axios from 'axios'
import axiosRetry from 'axios-retry'
import ky from 'ky'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import type { x402Client } from '../../../src/client/x402-client.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { createBriskClock } from '../../support/money/create-brisk-clock.js'
import { question, retryingLibraries } from '../../support/money/retrying-libraries.js'
import { onlyFirst, startProxy } from '../../support/money/start-proxy.js'
import { createChainBuyer } from './create-chain-buyer.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

const completion = {
  id: 'c1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }],
}
const PATH = 'POST /chat/completions'
const routes = { [PATH]: { price: '$0.01', answer: () => ({ json: completion }) } }

/** An official seller behind a network that settles, then answers 503 once; libraries are asked to try again at once. */
async function openShop({ keepsAnswers }: { keepsAnswers: boolean }) {
  const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain), routes })
  const busy = onlyFirst((_answer, response) => void response.writeHead(503, { 'retry-after-ms': '1' }).end('busy'))
  const proxy = await startProxy(seller.url, { meddle: busy, keepsAnswers })
  onTestFinished(async () => {
    await Promise.all([seller.stop(), proxy.stop()])
  })
  const clock = createBriskClock(Math.floor(Date.now() / 1000))
  const buyer = await createChainBuyer(chain, 1_000_000n, { clock })
  const paidFetch = wrapFetchWithPayment(fetch, buyer.client, { refusals: 'return' })
  return {
    proxy,
    paidFetch,
    client: buyer.client,
    /** One authorization was signed and presented, and one transfer is on the chain. */
    async expectOneTransfer(sends: number) {
      expect(buyer.nonces).toHaveLength(1)
      expect(new Set(proxy.payments).size).toBe(1)
      expect(proxy.payments).toHaveLength(sends)
      expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
      expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
    },
  }
}

type Ask = (url: string, paidFetch: typeof fetch, client: x402Client) => Promise<unknown>

const libraries: Readonly<Record<string, Ask>> = {
  async 'the openai client'(baseURL, paidFetch) {
    const openai = new OpenAI({ apiKey: 'none', baseURL, fetch: paidFetch, maxRetries: 5 })
    return openai.chat.completions.create(question)
  },
  async 'axios with axios-retry'(baseURL, paidFetch) {
    const instance = axios.create({ baseURL, adapter: 'fetch', env: { fetch: paidFetch } })
    axiosRetry(instance, {
      retries: 5,
      retryDelay: () => 0,
      retryCondition: ({ response }) => response?.status === 503,
    })
    return (await instance.post('/chat/completions', question)).data
  },
  async 'axios with axios-retry, wrapped'(baseURL, _paidFetch, client) {
    const instance = wrapAxiosWithPayment(axios.create({ baseURL }), client)
    axiosRetry(instance, {
      retries: 5,
      retryDelay: () => 0,
      retryCondition: ({ response }) => response?.status === 503,
    })
    return (await instance.post('/chat/completions', question)).data
  },
  async ky(baseURL, paidFetch) {
    const retry = { limit: 5, methods: ['post'], delay: () => 0 }
    return ky.post(`${baseURL}/chat/completions`, { json: question, fetch: paidFetch, retry }).json()
  },
}

describe.each(Object.entries(libraries))('settled, then 503, through %s:', (_name, ask) => {
  test('a seller that keeps its answers delivers to the retry, for one authorization', async () => {
    const { proxy, paidFetch, client, expectOneTransfer } = await openShop({ keepsAnswers: true })
    expect(await ask(proxy.url, paidFetch, client)).toMatchObject(completion)
    await expectOneTransfer(2)
  })

  test('the plain official seller takes one authorization, and its 402 ends the retries', async () => {
    const { proxy, paidFetch, client, expectOneTransfer } = await openShop({ keepsAnswers: false })
    const error: unknown = await ask(proxy.url, paidFetch, client).catch((thrown: unknown) => thrown)
    expect(readStatus(error)).toBe(402)
    await expectOneTransfer(2)
  })
})

/** The official seller settles nothing where its handler answers 400 or more, so the same authorization serves the next try. */
describe.each(Object.entries(retryingLibraries))('answered 409 before it was settled, through %s:', (_name, ask) => {
  test('the official seller takes the one authorization with the retry', async () => {
    const answers = [{ status: 409, json: { error: 'busy' } }]
    const routes = { [PATH]: { price: '$0.01', answer: () => answers.pop() ?? { json: completion } } }
    const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain), routes })
    onTestFinished(() => seller.stop())
    const buyer = await createChainBuyer(chain)
    const paidFetch = wrapFetchWithPayment(fetch, buyer.client, { refusals: 'return' })
    expect(await ask(seller.url, paidFetch, buyer.client)).toMatchObject(completion)
    expect(buyer.nonces).toHaveLength(1)
    expect(await chain.balanceOf(seller.payTo)).toBe(10_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
  })
})

/** Where the openai client and the others keep the status of an answer that they throw. */
function readStatus(error: unknown): unknown {
  const { status, response } = error as { status?: number; response?: { status: number } }
  return response?.status ?? status
}

import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import type { Dialect } from '../../support/mcp/plan.js'
import { connectMcpBuyer, type McpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { type ChainBuyer, createChainBuyer } from './create-chain-buyer.js'
import { type McpShop, openMcpShop } from './open-mcp-shop.js'

const dialects: readonly (readonly [dialect: Dialect, sdk: 1 | 2])[] = [
  ['tool result', 1],
  ['tool result', 2],
  ['text', 1],
  ['text', 2],
  ['protocol 1', 1],
  ['protocol 1', 2],
  ['cloudflare', 1],
  ['cloudflare', 2],
  // Its error is one of SDK 1, which a server of SDK 2 answers with as text without terms.
  ['mppx', 1],
]

const settings = dialects.flatMap(([dialect, sdk]) =>
  (['stdio', 'http'] as const).map((transport) => ({ dialect, sdk, transport })),
)

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

describe.each(settings)('a server of the dialect "$dialect", with SDK $sdk over $transport,', (setting) => {
  let shop: McpShop
  beforeAll(async () => {
    shop = await openMcpShop(chain, setting)
  })
  afterAll(() => shop.stop())

  describe.each<Sdk>([1, 2])('for a client of SDK %s', (sdk) => {
    let buyer: ChainBuyer
    let tools: McpBuyer
    let before: Sums
    beforeAll(async () => {
      buyer = await createChainBuyer(chain)
      tools = await connectMcpBuyer(sdk, shop.place, buyer)
    })
    afterAll(() => tools.close())
    beforeEach(async () => {
      before = await sum()
    })

    const sum = async (): Promise<Sums> => ({
      earned: await chain.balanceOf(shop.payTo),
      left: await chain.balanceOf(buyer.address),
      signed: buyer.nonces.length,
    })

    /** What was signed, and what moved on both sides. */
    async function expectMoved(signed: number, price: bigint): Promise<void> {
      const after = await sum()
      expect(after.signed - before.signed).toBe(signed)
      expect([after.earned - before.earned, before.left - after.left]).toEqual([price, price])
    }

    test('sells a tool once, for its price', async () => {
      const result = await tools.callTool('forecast')
      expect(JSON.parse(result.content[0]?.text ?? '')).toEqual({ city: 'Lisbon', temperature: 21 })
      const { transaction, ...payment } = paidFor(result)
      expect(payment).toMatchObject({ money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } })
      const receipt = await chain.publicClient.getTransactionReceipt({ hash: transaction as `0x${string}` })
      expect(receipt.status).toBe('success')
      await expectMoved(1, 10_000n)
      for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(true)
    })

    test('sells a tool whose schema the client knows', async () => {
      await tools.listTools()
      const result = await tools.callTool('forecast_with_schema')
      const forecast = result.structuredContent ?? JSON.parse(result.content[0]?.text ?? '')
      expect(forecast).toEqual({ city: 'Lisbon', temperature: 21 })
      expect(paidFor(result)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      await expectMoved(1, 10_000n)
    })

    test('gives a free tool away', async () => {
      const result = await tools.callTool('stations')
      expect(result.content).toEqual([{ type: 'text', text: 'one station in Lisbon' }])
      expect(() => paidFor(result)).toThrow('free')
      await expectMoved(0, 0n)
    })

    test('takes nothing for a tool that fails, of one authorization for three calls', async () => {
      for (let call = 0; call < 3; call++) {
        const result = await tools.callTool('broken')
        expect(result).toMatchObject({ isError: true, content: [{ text: 'no station in Lisbon' }] })
        expect(paidFor(result)).toMatchObject({ money: 'in-doubt', delivery: 'answered' })
      }
      await expectMoved(1, 0n)
    })

    test('takes the payment with the first request, once its price is known', async () => {
      const { place } = shop
      const route = place.transport === 'stdio' ? 'stdio:weather' : new URL(place.url).origin
      const prepaying = await createChainBuyer(chain, undefined, { prepay: [{ route }] })
      const remembered: unknown[] = []
      prepaying.client.onBeforePaymentCreation(async (context) => {
        remembered.push(context.remembered)
      })
      const connected = await connectMcpBuyer(sdk, place, prepaying)
      onTestFinished(() => connected.close())
      for (let call = 0; call < 3; call++) {
        const result = await connected.callTool('forecast')
        expect(JSON.parse(result.content[0]?.text ?? '')).toEqual({ city: 'Lisbon', temperature: 21 })
        expect(paidFor(result)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      }
      expect(remembered).toEqual([undefined, true, true])
      expect(prepaying.nonces).toHaveLength(3)
      expect((await chain.balanceOf(shop.payTo)) - before.earned).toBe(30_000n)
    })
  })
})

/** Atomic units on both sides, and how much was signed. */
type Sums = { readonly earned: bigint; readonly left: bigint; readonly signed: number }

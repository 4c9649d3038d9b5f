import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { prompt, resource } from '../../support/mcp/goods.js'
import { connectMcpBuyer, type McpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { createChainBuyer } from './create-chain-buyer.js'
import { type McpShop, openMcpShop } from './open-mcp-shop.js'

const goods: Readonly<Record<string, readonly [buy: (tools: McpBuyer) => Promise<object>, brings: object]>> = {
  'a tool': [
    (tools) => tools.callTool('forecast'),
    { content: [{ type: 'text', text: '{"city":"Lisbon","temperature":21}' }] },
  ],
  'a tool with a schema': [
    async (tools) => {
      await tools.listTools()
      return tools.callTool('forecast_with_schema')
    },
    { structuredContent: { city: 'Lisbon', temperature: 21 } },
  ],
  'a resource': [
    (tools) => tools.readResource(resource.uri),
    { contents: [{ uri: resource.uri, text: resource.text }] },
  ],
  'a prompt': [
    (tools) => tools.getPrompt(prompt.name),
    { messages: [{ role: 'user', content: { type: 'text', text: prompt.text } }] },
  ],
}

const settings = ([1, 2] as const).flatMap((sdk) =>
  (['stdio', 'http'] as const).map((transport) => ({ dialect: 'extension' as const, sdk, transport })),
)

/** A client that can't speak the extension, or meets a server that can't, buys all the same. */
const clients: readonly Sdk[] = [1, 2, 'modern']

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

describe.each(settings)('a server of org.x402/payment, with SDK $sdk over $transport,', (setting) => {
  let shop: McpShop
  beforeAll(async () => {
    shop = await openMcpShop(chain, setting)
  })
  afterAll(() => shop.stop())

  describe.each(clients)('sells to a client of SDK %s', (sdk) => {
    test.each(Object.keys(goods))('%s, once and for its price', async (name) => {
      const [buy, brings] = goods[name] ?? [() => Promise.reject(new Error(name)), {}]
      const buyer = await createChainBuyer(chain)
      const before = await chain.balanceOf(shop.payTo)
      const tools = await connectMcpBuyer(sdk, shop.place, buyer)
      onTestFinished(() => tools.close())
      const result = await buy(tools)
      expect(result).toMatchObject(brings)
      expect(paidFor(result)).toMatchObject({
        money: 'settled',
        delivery: 'delivered',
        receipt: { state: 'verified', problems: [] },
      })
      expect((await chain.balanceOf(shop.payTo)) - before).toBe(10_000n)
      expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
      expect(buyer.nonces).toHaveLength(1)
    })
  })
})

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { prompt, resource } from '../../support/mcp/goods.js'
import { startRelay } from '../../support/mcp/start-relay.js'
import { connectMcpBuyer, type McpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { type ChainBuyer, createChainBuyer } from './create-chain-buyer.js'
import { type McpShop, openMcpShop } from './open-mcp-shop.js'

type Good = { buy(tools: McpBuyer): Promise<object>; readonly brings: object }

const goods: Readonly<Record<string, Good>> = {
  'a tool': {
    buy: (tools) => tools.callTool('forecast'),
    brings: { content: [{ type: 'text', text: '{"city":"Lisbon","temperature":21}' }] },
  },
  'a tool with a schema': {
    buy: (tools) => tools.callTool('forecast_with_schema'),
    brings: { structuredContent: { city: 'Lisbon', temperature: 21 } },
  },
  'a resource': {
    buy: (tools) => tools.readResource(resource.uri),
    brings: { contents: [{ uri: resource.uri, text: resource.text }] },
  },
  'a prompt': {
    buy: (tools) => tools.getPrompt(prompt.name),
    brings: { messages: [{ role: 'user', content: { type: 'text', text: prompt.text } }] },
  },
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
    let buyer: ChainBuyer
    let tools: McpBuyer
    beforeAll(async () => {
      buyer = await createChainBuyer(chain)
      tools = await connectMcpBuyer(sdk, shop.place, buyer)
      await tools.listTools()
    })
    afterAll(() => tools.close())

    test.each(Object.entries(goods))('%s, once and for its price', async (_name, { buy, brings }) => {
      const [earned, left, signed] = [
        await chain.balanceOf(shop.payTo),
        await chain.balanceOf(buyer.address),
        buyer.nonces.length,
      ]
      const result = await buy(tools)
      expect(result).toMatchObject(brings)
      expect(paidFor(result)).toMatchObject({
        money: 'settled',
        delivery: 'delivered',
        receipt: { state: 'verified', problems: [] },
      })
      expect((await chain.balanceOf(shop.payTo)) - earned).toBe(10_000n)
      expect(left - (await chain.balanceOf(buyer.address))).toBe(10_000n)
      expect(buyer.nonces).toHaveLength(signed + 1)
    })
  })
})

test.each<readonly [Sdk, speaks: boolean]>([
  [1, false],
  [2, false],
  ['modern', true],
])('a client of SDK %s says that it knows the extension: %s', async (sdk, speaks) => {
  const shop = await openMcpShop(chain, { dialect: 'extension', sdk: 2, transport: 'http' })
  onTestFinished(() => shop.stop())
  if (shop.place.transport !== 'http') throw new Error('it has an address')
  const relay = await startRelay(shop.place.url)
  onTestFinished(() => relay.stop())
  const tools = await connectMcpBuyer(sdk, { transport: 'http', url: relay.url }, await createChainBuyer(chain))
  onTestFinished(() => tools.close())
  await tools.readResource(resource.uri)
  expect(relay.paid.map((body) => body.includes('"org.x402/payment"'))).toEqual([speaks])
})

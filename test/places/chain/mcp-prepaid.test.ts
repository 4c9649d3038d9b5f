import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import type { ServerPlan } from '../../support/mcp/plan.js'
import { connectMcpBuyer, type McpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { type ChainBuyer, createChainBuyer } from './create-chain-buyer.js'
import { type McpShop, openMcpShop } from './open-mcp-shop.js'

const settings: readonly Pick<ServerPlan, 'dialect' | 'sdk' | 'transport'>[] = [
  { dialect: 'tool result', sdk: 2, transport: 'http' },
  { dialect: 'text', sdk: 1, transport: 'stdio' },
  { dialect: 'protocol 1', sdk: 2, transport: 'stdio' },
  { dialect: 'cloudflare', sdk: 1, transport: 'http' },
  { dialect: 'mppx', sdk: 1, transport: 'stdio' },
]

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
    beforeAll(async () => {
      const { place } = shop
      const route = place.transport === 'stdio' ? 'stdio:weather' : new URL(place.url).origin
      buyer = await createChainBuyer(chain, undefined, { prepay: [{ route }] })
      tools = await connectMcpBuyer(sdk, place, buyer)
    })
    afterAll(() => tools.close())

    test('takes the payment with the first request, once its price is known', async () => {
      const before = await chain.balanceOf(shop.payTo)
      const remembered: unknown[] = []
      buyer.client.onBeforePaymentCreation(async (context) => {
        remembered.push(context.remembered)
      })
      for (let call = 0; call < 3; call++) {
        const result = await tools.callTool('forecast')
        expect(JSON.parse(result.content[0]?.text ?? '')).toEqual({ city: 'Lisbon', temperature: 21 })
        expect(paidFor(result)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
      }
      expect(remembered).toEqual([undefined, true, true])
      expect(buyer.nonces).toHaveLength(3)
      expect((await chain.balanceOf(shop.payTo)) - before).toBe(30_000n)
    })
  })
})

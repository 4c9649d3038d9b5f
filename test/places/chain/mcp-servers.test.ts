import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import type { Dialect } from '../../support/mcp/plan.js'
import { connectMcpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { createChainBuyer } from './create-chain-buyer.js'
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

  async function connect(sdk: Sdk) {
    const buyer = await createChainBuyer(chain)
    const before = await chain.balanceOf(shop.payTo)
    const tools = await connectMcpBuyer(sdk, shop.place, buyer)
    onTestFinished(() => tools.close())
    /** What moved since, on both sides, and what was signed for it. */
    const moved = async () => ({
      earned: (await chain.balanceOf(shop.payTo)) - before,
      spent: 1_000_000n - (await chain.balanceOf(buyer.address)),
      signed: buyer.nonces.length,
    })
    return { buyer, tools, moved }
  }

  test.each<Sdk>([1, 2])('sells a tool to a client of SDK %s, once and for its price', async (sdk) => {
    const { buyer, tools, moved } = await connect(sdk)
    const result = await tools.callTool('forecast')
    expect(JSON.parse(result.content[0]?.text ?? '')).toEqual({ city: 'Lisbon', temperature: 21 })
    const { transaction, ...payment } = paidFor(result)
    expect(payment).toMatchObject({ money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } })
    const receipt = await chain.publicClient.getTransactionReceipt({ hash: transaction as `0x${string}` })
    expect(receipt.status).toBe('success')
    expect(await moved()).toEqual({ earned: 10_000n, spent: 10_000n, signed: 1 })
    for (const nonce of buyer.nonces) expect(await chain.authorizationState(buyer.address, nonce)).toBe(true)
  })

  test.each<Sdk>([1, 2])('sells a tool with a schema to a client of SDK %s that knows the schema', async (sdk) => {
    const { tools, moved } = await connect(sdk)
    await tools.listTools()
    const result = await tools.callTool('forecast_with_schema')
    expect(result.structuredContent ?? JSON.parse(result.content[0]?.text ?? '')).toEqual({
      city: 'Lisbon',
      temperature: 21,
    })
    expect(paidFor(result)).toMatchObject({ money: 'settled', receipt: { state: 'verified' } })
    expect(await moved()).toEqual({ earned: 10_000n, spent: 10_000n, signed: 1 })
  })

  test.each<Sdk>([1, 2])('gives a free tool away to a client of SDK %s', async (sdk) => {
    const { tools, moved } = await connect(sdk)
    const result = await tools.callTool('stations')
    expect(result.content).toEqual([{ type: 'text', text: 'one station in Lisbon' }])
    expect(() => paidFor(result)).toThrow('free')
    expect(await moved()).toEqual({ earned: 0n, spent: 0n, signed: 0 })
  })

  test.each<Sdk>([1, 2])('takes nothing for a tool that fails, however often SDK %s calls it', async (sdk) => {
    const { tools, moved } = await connect(sdk)
    for (let call = 0; call < 3; call++) {
      const result = await tools.callTool('broken')
      expect(result).toMatchObject({ isError: true, content: [{ text: 'no station in Lisbon' }] })
      expect(paidFor(result)).toMatchObject({ money: 'in-doubt', delivery: 'answered' })
    }
    // One authorization, which the server holds and didn't use.
    expect(await moved()).toEqual({ earned: 0n, spent: 0n, signed: 1 })
  })
})

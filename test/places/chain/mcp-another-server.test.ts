import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { ClientOptions } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startRelay } from '../../support/mcp/start-relay.js'
import { connectMcpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { createChainBuyer } from './create-chain-buyer.js'
import { openMcpShop } from './open-mcp-shop.js'

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

/** A server of tools, and somebody who hands on what it says as their own. */
async function openBoth() {
  const shop = await openMcpShop(chain, { dialect: 'tool result', sdk: 2, transport: 'http' })
  onTestFinished(() => shop.stop())
  if (shop.place.transport !== 'http') throw new Error('it has an address')
  const relay = await startRelay(shop.place.url)
  onTestFinished(() => relay.stop())
  return { shop, url: shop.place.url, relay }
}

async function connect(sdk: Sdk, url: string, options: ClientOptions = {}) {
  const buyer = await createChainBuyer(chain, 1_000_000n, options)
  const tools = await connectMcpBuyer(sdk, { transport: 'http', url }, buyer)
  onTestFinished(() => tools.close())
  return { buyer, tools }
}

describe.each<Sdk>([1, 2])('a client of SDK %s', (sdk) => {
  test('pays nobody who hands on the terms of a server that limits name', async () => {
    const { shop, url, relay } = await openBoth()
    const limits = { hosts: [new URL(url).host] }
    const { buyer, tools } = await connect(sdk, relay.url, { limits })
    await expect(tools.callTool('forecast')).rejects.toMatchObject({ code: 'HOST_NOT_ALLOWED', money: 'untouched' })
    expect(buyer.nonces).toEqual([])
    expect(relay.paid).toEqual([])
    const direct = await connect(sdk, url, { limits })
    expect(paidFor(await direct.tools.callTool('forecast'))).toMatchObject({ money: 'settled' })
    expect(await chain.balanceOf(shop.payTo)).toBe(10_000n)
  })

  test('presents to another server nothing of what it lost at the first', async () => {
    const { shop, url, relay } = await openBoth()
    const losing = await startRelay(url, (response) => void response.destroy())
    onTestFinished(() => losing.stop())
    const { buyer, tools } = await connect(sdk, losing.url)
    await expect(tools.callTool('order')).rejects.toThrow()
    const elsewhere = await connectMcpBuyer(sdk, { transport: 'http', url: relay.url }, buyer)
    onTestFinished(() => elsewhere.close())
    expect(paidFor(await elsewhere.callTool('order'))).toMatchObject({ money: 'settled' })
    const [lost, other] = buyer.nonces
    expect(losing.paid.every((body) => body.includes(String(lost)))).toBe(true)
    expect(relay.paid).toHaveLength(1)
    expect(relay.paid[0]).toContain(other)
    expect(relay.paid[0]).not.toContain(lost)
    expect(await chain.balanceOf(shop.payTo)).toBe(20_000n)
  })
})

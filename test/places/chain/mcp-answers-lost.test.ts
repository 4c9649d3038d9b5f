import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isX402Error } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { createReopening } from '../../support/ledger/reopen.js'
import type { ServerPlan } from '../../support/mcp/plan.js'
import { type Lose, startRelay } from '../../support/mcp/start-relay.js'
import type { Place } from '../../support/mcp/start-server.js'
import { createGate } from '../../support/money/create-gate.js'
import { answer, type SettleMeddle } from '../../support/money/start-facilitator-server.js'
import { connectMcpBuyer, type McpBuyer, paidFor, type Sdk } from './connect-mcp-buyer.js'
import { type ChainBuyer, createChainBuyer } from './create-chain-buyer.js'
import { type McpShop, openMcpShop } from './open-mcp-shop.js'

/** In place of the SDK's minute. It ends what hangs: nothing is said about how long anything takes. */
const SHORT = { timeout: 3_000 }

type Setting = Pick<ServerPlan, 'dialect' | 'sdk' | 'transport' | 'keepsResults'>

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

async function open(setting: Setting, meddle?: SettleMeddle): Promise<McpShop> {
  const shop = await openMcpShop(chain, setting, meddle)
  onTestFinished(() => shop.stop())
  return shop
}

async function connect(sdk: Sdk, place: Place, buyer: Pick<ChainBuyer, 'client'>): Promise<McpBuyer> {
  const tools = await connectMcpBuyer(sdk, place, buyer)
  onTestFinished(() => tools.close())
  return tools
}

/** Calls, and tells what became of the money, whether a result came or an error. */
async function tell(call: Promise<object>): Promise<object> {
  return call.then(paidFor, (error: unknown) => {
    if (!isX402Error(error)) throw error
    return { code: error.code, money: error.money }
  })
}

/** Whatever was called and however often: one authorization was signed, and one price moved. */
async function expectOnePrice(shop: McpShop, buyer: ChainBuyer): Promise<void> {
  expect(buyer.nonces).toHaveLength(1)
  expect([...shop.presented]).toEqual(buyer.nonces)
  expect(await chain.balanceOf(shop.payTo)).toBe(10_000n)
  expect(await chain.balanceOf(buyer.address)).toBe(990_000n)
}

const settings = (['stdio', 'http'] as const).flatMap((transport) =>
  ([1, 2] as const).map((sdk) => ({ dialect: 'tool result', sdk, transport }) as const),
)

describe.each(settings)('a server with SDK $sdk over $transport that settles, and then says nothing,', (setting) => {
  /** The facilitator has settled, and never says so: the server waits, and its client gives up. */
  async function openHanging() {
    const settled = createGate()
    const shop = await open(setting, settled.open)
    const buyer = await createChainBuyer(chain)
    const giveUp = new AbortController()
    void settled.passed.then(() => giveUp.abort())
    return { shop, buyer, giveUp: { signal: giveUp.signal } }
  }

  test('takes one payment of a client whose SDK gives up, however often it calls', async () => {
    const { shop, buyer } = await openHanging()
    const tools = await connect(setting.sdk, shop.place, buyer)
    for (let call = 0; call < 3; call++) {
      expect(await tell(tools.callTool('order', SHORT))).toMatchObject({ money: 'in-doubt' })
    }
    await expectOnePrice(shop, buyer)
  })

  test.each<Sdk>([1, 2])('takes one payment of a client of SDK %s whose caller gives up', async (sdk) => {
    const { shop, buyer, giveUp } = await openHanging()
    const tools = await connect(sdk, shop.place, buyer)
    expect(await tell(tools.callTool('order', giveUp))).toEqual({ code: 'ABORTED', money: 'in-doubt' })
    for (let call = 0; call < 2; call++) {
      expect(await tell(tools.callTool('order'))).toMatchObject({ code: 'PAID_NOT_DELIVERED' })
    }
    await expectOnePrice(shop, buyer)
  })

  test('takes one payment of a client that connects anew', async () => {
    const { shop, buyer, giveUp } = await openHanging()
    const clients: readonly (readonly [Sdk, object])[] = [
      [setting.sdk, giveUp],
      [1, {}],
      [2, {}],
    ]
    for (const [sdk, options] of clients) {
      const tools = await connect(sdk, shop.place, buyer)
      expect(await tell(tools.callTool('order', options))).toMatchObject({ money: 'in-doubt' })
      await tools.close()
    }
    await expectOnePrice(shop, buyer)
  })

  test('takes one payment of a buyer that starts again with its ledger', async () => {
    const { shop, buyer, giveUp } = await openHanging()
    const reopen = await createReopening()
    for (const options of [giveUp, {}, {}]) {
      const tools = await connect(setting.sdk, shop.place, buyer.restart({ ledger: await reopen() }))
      expect(await tell(tools.callTool('order', options))).toMatchObject({ money: 'in-doubt' })
      await tools.close()
    }
    await expectOnePrice(shop, buyer)
  })
})

describe.each(settings)('a server with SDK $sdk over $transport that settles and asks again,', (setting) => {
  test('takes one payment of a client, whatever it says', async () => {
    const shop = await open(setting, (_settled, response) =>
      answer({ success: false, errorReason: 'not_today', transaction: '', network: 'eip155:84532' }, response),
    )
    const buyer = await createChainBuyer(chain)
    const tools = await connect(setting.sdk, shop.place, buyer)
    expect(await tell(tools.callTool('forecast'))).toEqual({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    for (let call = 0; call < 2; call++) {
      expect(await tell(tools.callTool('forecast'))).toMatchObject({ money: 'in-doubt' })
    }
    await expectOnePrice(shop, buyer)
  })
})

describe.each(settings)('a server with SDK $sdk over $transport that keeps its results,', (setting) => {
  test('delivers to the next call of a client that gave up', async () => {
    const [giveUp, gaveUp] = [new AbortController(), createGate()]
    const shop = await open({ ...setting, keepsResults: true }, async (settled, response) => {
      giveUp.abort()
      await gaveUp.passed
      answer(settled, response)
    })
    const buyer = await createChainBuyer(chain)
    const tools = await connect(setting.sdk, shop.place, buyer)
    const call = tools.callTool('order', { signal: giveUp.signal })
    expect(await tell(call)).toEqual({ code: 'ABORTED', money: 'in-doubt' })
    gaveUp.open()
    const result = await tools.callTool('order')
    expect(result.content).toEqual([{ type: 'text', text: 'ordered for Lisbon' }])
    expect(paidFor(result)).toMatchObject({ money: 'settled', delivery: 'delivered', receipt: { state: 'verified' } })
    await expectOnePrice(shop, buyer)
    expect(shop.calls.settle).toBe(1)
  })
})

const losses: Readonly<Record<string, Lose>> = {
  'a connection that closed': (response) => void response.destroy(),
  'a 502 of what stood between': (response) => void response.writeHead(502).end('bad gateway'),
}

describe.each(Object.entries(losses))('settled, then %s:', (_name, lose) => {
  test.each<readonly [server: 1 | 2, client: Sdk]>([
    [1, 2],
    [2, 1],
  ])('a server with SDK %s that keeps results takes one payment of SDK %s, and delivers', async (server, client) => {
    const shop = await open({ dialect: 'tool result', sdk: server, transport: 'http', keepsResults: true })
    if (shop.place.transport !== 'http') throw new Error('it has an address')
    let losing = true
    const relay = await startRelay(shop.place.url, (response, handOn) => {
      if (losing) lose(response, handOn)
      else handOn()
    })
    onTestFinished(() => relay.stop())
    const buyer = await createChainBuyer(chain)
    const tools = await connect(client, { transport: 'http', url: relay.url }, buyer)
    for (let call = 0; call < 2; call++) {
      expect(await tell(tools.callTool('order'))).toMatchObject({ money: 'in-doubt' })
    }
    losing = false
    const result = await tools.callTool('order')
    expect(paidFor(result)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    await expectOnePrice(shop, buyer)
    expect(relay.paid).toHaveLength(3)
  })
})

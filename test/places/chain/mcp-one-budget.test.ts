import axios from 'axios'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { wrapAxiosWithPayment } from '../../../src/axios/index.js'
import { isX402Error } from '../../../src/index.js'
import { type Chain, createChain } from '../../support/chain/create-chain.js'
import { startOfficialExpressSeller } from '../../support/chain/official-express-seller.js'
import { createOfficialFacilitator } from '../../support/chain/official-facilitator.js'
import { ledgers } from '../../support/conformance/ledgers.js'
import { connectMcpBuyer } from './connect-mcp-buyer.js'
import { createChainBuyer } from './create-chain-buyer.js'
import { openMcpShop } from './open-mcp-shop.js'

/** What all of them may spend together, in purchases of one cent. */
const ALLOWED = 40

const CALLS = 200

let chain: Chain
beforeAll(async () => {
  chain = await createChain()
})
afterAll(() => chain.stop())

for (const [on, createLedger] of ledgers) {
  test(`one budget over fetch, axios and MCP holds for 200 calls at once${on}`, async () => {
    const seller = await startOfficialExpressSeller({ facilitator: createOfficialFacilitator(chain) })
    onTestFinished(() => seller.stop())
    const [overHttp, overStdio] = await Promise.all(
      (['http', 'stdio'] as const).map(async (transport) => {
        const shop = await openMcpShop(chain, { dialect: 'tool result', sdk: 2, transport })
        onTestFinished(() => shop.stop())
        return shop
      }),
    )
    if (overHttp === undefined || overStdio === undefined) throw new Error('both are open')
    const buyer = await createChainBuyer(chain, 10_000_000n, {
      ledger: createLedger(),
      limits: { total: `$0.${ALLOWED}` },
    })
    const remote = await connectMcpBuyer(1, overHttp.place, buyer)
    const local = await connectMcpBuyer(2, overStdio.place, buyer)
    onTestFinished(async () => {
      await remote.close()
      await local.close()
    })
    const api = wrapAxiosWithPayment(axios.create(), buyer.client)
    const doors: readonly ((call: number) => Promise<unknown>)[] = [
      () => buyer.fetch(`${seller.url}/weather`),
      () => api.get(`${seller.url}/weather`),
      (call) => remote.callTool('forecast', { city: `city ${call}` }),
      (call) => local.callTool('order', { city: `city ${call}` }),
    ]
    const calls = Array.from({ length: CALLS }, (_, call) => doors[call % doors.length]?.(call))
    const outcomes = await Promise.allSettled(calls)
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [toCode(outcome.reason)] : []))
    expect(new Set(refused)).toEqual(new Set(['LIMIT_TOTAL']))
    expect(refused).toHaveLength(CALLS - ALLOWED)
    expect(buyer.nonces).toHaveLength(ALLOWED)
    const held = await Promise.all([seller, overHttp, overStdio].map(({ payTo }) => chain.balanceOf(payTo)))
    expect(held.reduce((sum, one) => sum + one, 0n)).toBe(BigInt(ALLOWED) * 10_000n)
    expect(await chain.balanceOf(buyer.address)).toBe(10_000_000n - BigInt(ALLOWED) * 10_000n)
  })
}

function toCode(error: unknown): string {
  const own = isX402Error(error) ? error : Reflect.get(new Object(error), 'cause')
  return isX402Error(own) ? own.code : String(error)
}

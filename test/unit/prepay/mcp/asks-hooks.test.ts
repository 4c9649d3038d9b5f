import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../../src/client/options.js'
import { paymentOf } from '../../../../src/index.js'
import { x402MCPClient, type x402MCPClientOptions } from '../../../../src/mcp/index.js'
import { listPaid } from '../../../support/begin-to-prepay.js'
import { askToPay, createMcpBuyer, deliver, RECEIPT, sell, TERMS } from '../../mcp/answers.js'
import { openV1, openV2, VERSIONS } from '../../mcp/open-mcp.js'
import { KNOWN, SERVER, sellDearer } from './prepaying-client.js'

const ARGS = { city: 'Berlin' }

function wrap(
  { mcpClient }: Pick<Awaited<ReturnType<typeof openV1>>, 'mcpClient'>,
  { onPaymentRequested, autoPayment }: x402MCPClientOptions = {},
  { prepay = [{ route: SERVER, terms: KNOWN }], ...options }: ClientOptions = {},
) {
  const buyer = createMcpBuyer({ prepay, ...options })
  const rules = { server: SERVER, onPaymentRequested, autoPayment }
  return { ...buyer, mcp: new x402MCPClient(mcpClient, buyer.client, rules) }
}

describe.each(VERSIONS)('the hooks of x402MCPClient, with %s,', (_, open) => {
  it('are shown the terms that are remembered before the call is prepaid, and what came of it', async () => {
    const { mcpClient, asked } = await open(sell)
    const said: unknown[] = []
    const { client } = createMcpBuyer({ prepay: [{ route: SERVER }] })
    const mcp = new x402MCPClient(mcpClient, client, {
      server: SERVER,
      onPaymentRequested: (context) => said.push(['requested', context]) > 0,
    })
      .onPaymentRequired((context) => void said.push(['required', context]))
      .onBeforePayment((context) => void said.push(['before', context]))
      .onAfterPayment(({ settleResponse, result }) => void said.push(['after', { settleResponse, result }]))
    await mcp.callTool('get_forecast', ARGS)
    const first = said.splice(0)
    expect(await mcp.callTool('get_forecast', ARGS)).toMatchObject({ paymentMade: true, paymentResponse: RECEIPT })
    const paymentRequired = { ...TERMS, error: undefined }
    const context = { toolName: 'get_forecast', arguments: ARGS, paymentRequired }
    expect(said).toEqual([
      ['required', context],
      ['requested', context],
      ['before', context],
      ['after', { settleResponse: RECEIPT, result: deliver() }],
    ])
    expect(first).toHaveLength(4)
    expect(listPaid(asked)).toEqual([false, true, true])
  })

  it.each<[string, x402MCPClientOptions]>([
    ['onPaymentRequested says no', { onPaymentRequested: () => false }],
    ['it is told not to pay', { autoPayment: false }],
  ])('error: REFUSED_BY_HOOK when %s, with the server’s own terms, and nothing is signed', async (_name, rules) => {
    const { mcpClient, asked } = await open(sell)
    const { client, records } = createMcpBuyer({ prepay: [{ route: SERVER, terms: KNOWN }] })
    const mcp = new x402MCPClient(mcpClient, client, { server: SERVER, ...rules })
    const refused = { code: 'REFUSED_BY_HOOK', money: 'untouched', response: askToPay() }
    await expect(mcp.callTool('get_forecast')).rejects.toMatchObject(refused)
    expect([listPaid(asked), await records()]).toEqual([[false], []])
  })
})

describe('the hooks of x402MCPClient', () => {
  it('are asked once where a remembered price is refused, and its server asked', async () => {
    const { mcpClient } = await openV1(sell)
    const { mcp } = wrap({ mcpClient }, {}, { limits: { perPayment: '$0.001' } })
    let times = 0
    mcp.onPaymentRequired(() => void times++)
    await expect(mcp.callTool('get_forecast')).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    expect(times).toBe(1)
  })

  it('are asked about each price, also the one that is asked for instead', async () => {
    const prepay = [{ route: SERVER, terms: KNOWN, onChange: 'pay-new' }] as const
    const prices: unknown[] = []
    const upTo = (most: number): x402MCPClientOptions => ({
      onPaymentRequested: ({ paymentRequired: { accepts } }) => {
        const amount = Number(accepts[0]?.amount)
        prices.push(amount)
        return amount <= most
      },
    })
    const careful = wrap(await openV1(sellDearer), upTo(10_000), { prepay: [...prepay] })
    await expect(careful.mcp.callTool('get_forecast')).rejects.toMatchObject({
      code: 'PRICE_CHANGED',
      money: 'in-doubt',
      cause: { code: 'REFUSED_BY_HOOK' },
    })
    expect(await careful.records()).toMatchObject([{ state: 'sent' }])
    const generous = wrap(await openV1(sellDearer), upTo(20_000), { prepay: [...prepay] })
    expect(paymentOf(await generous.mcp.callTool('get_forecast'))?.money).toBe('settled')
    expect(prices).toEqual([10_000, 20_000, 10_000, 20_000])
  })

  it('are asked nothing where only a price is asked for, which prepays nothing', async () => {
    const { mcpClient, asked } = await openV2(sell)
    const { client } = createMcpBuyer({ prepay: [{ route: SERVER, terms: KNOWN }] })
    const mcp = new x402MCPClient(mcpClient, client, { server: SERVER, autoPayment: false })
    expect(await mcp.getToolPaymentRequirements('get_forecast')).toEqual(TERMS)
    expect(listPaid(asked)).toEqual([false])
  })
})

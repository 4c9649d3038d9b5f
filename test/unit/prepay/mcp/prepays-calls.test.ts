import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../../src/mcp/index.js'
import { TestScheme } from '../../../../src/testing/test-scheme.js'
import { listPaid } from '../../../support/begin-to-prepay.js'
import { createOffer } from '../../../support/offers.js'
import { askToPay, catchError, createMcpBuyer, deliver, RECEIPT, sell, TERMS } from '../../mcp/answers.js'
import { openV1, type Sell, VERSIONS } from '../../mcp/open-mcp.js'
import { CALL, KNOWN, SERVER, wrapPrepaying } from './prepaying-client.js'

/** Sells tools, resources and prompts, and asks for each by an error of JSON-RPC. */
const sellAll: Sell = ({ method, payment }) => {
  if (payment === undefined) throw Object.assign(new Error('Payment required'), { code: 402, data: TERMS })
  const _meta = { 'x402/payment-response': RECEIPT }
  if (method === 'resources/read') return { contents: [{ uri: 'report://1', text: 'bought' }], _meta }
  if (method === 'prompts/get')
    return { messages: [{ role: 'user', content: { type: 'text', text: 'bought' } }], _meta }
  return deliver()
}

describe.each(VERSIONS)('prepaying through MCP, with %s:', (_, open) => {
  it('asks once and pays five times', async () => {
    const opened = await open(sell)
    const { mcp, records } = wrapPrepaying(opened)
    for (let i = 0; i < 5; i++) {
      const result = await mcp.callTool(CALL)
      expect(result).toMatchObject({ content: [{ text: 'sunny' }] })
      expect(paymentOf(result)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    }
    expect(listPaid(opened.asked)).toEqual([false, true, true, true, true, true])
    expect(opened.payments()).toHaveLength(5)
    expect((await records()).map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'settled'))
    expect(opened.asked.map(({ params }) => params.arguments)).toEqual(opened.asked.map(() => CALL.arguments))
  })

  it('pays for resources and prompts, too', async () => {
    const opened = await open(sellAll)
    const { mcp } = wrapPrepaying(opened)
    for (let i = 0; i < 3; i++) {
      expect(paymentOf(await mcp.readResource({ uri: 'report://1' }))?.money).toBe('settled')
      expect(paymentOf(await mcp.getPrompt({ name: 'plan' }))?.money).toBe('settled')
    }
    expect(opened.asked.map(({ method, payment }) => `${method} ${payment === undefined ? 'asks' : 'pays'}`)).toEqual([
      'resources/read asks',
      'resources/read pays',
      'prompts/get asks',
      'prompts/get pays',
      ...Array.from({ length: 2 }, () => ['resources/read pays', 'prompts/get pays']).flat(),
    ])
  })

  it.each([
    ['one tool', 'stdio:weather/get_forecast', [false, true, true, false, true, false, true]],
    ['one tool by its method', 'tools/call stdio:weather/get_forecast', [false, true, true, false, true, false, true]],
    [
      'another method of it',
      'prompts/get stdio:weather/get_forecast',
      [false, true, false, true, false, true, false, true],
    ],
    ['each tool of a server', 'stdio:weather', [false, true, true, false, true, true]],
    ['all tools at one price', 'tools/call stdio:weather/*', [false, true, true, true, true]],
    ['another server', 'stdio:news', [false, true, false, true, false, true, false, true]],
  ])('goes by a route of %s', async (_name, route, expected) => {
    const opened = await open(sell)
    const { mcp } = wrapPrepaying(opened, [{ route }])
    for (const name of ['get_forecast', 'get_forecast', 'a/b', 'a/b']) await mcp.callTool({ name })
    expect(listPaid(opened.asked)).toEqual(expected)
  })

  it('pays with the first call for terms that were given ahead', async () => {
    const opened = await open(sell)
    const { mcp } = wrapPrepaying(opened, [{ route: SERVER, terms: KNOWN }])
    for (const name of ['get_forecast', 'get_history']) {
      expect(paymentOf(await mcp.callTool({ name }))?.money).toBe('settled')
    }
    expect(listPaid(opened.asked)).toEqual([true, true])
  })

  it('goes by what was paid, and not by what a listing announces', async () => {
    const _meta = { 'agents-x402/paymentRequired': true, 'agents-x402/priceUSD': 0.01, x402: createOffer() }
    const opened = await open(sell, [{ name: 'get_forecast', inputSchema: { type: 'object' }, _meta }])
    const { mcp } = wrapPrepaying(opened)
    await mcp.listTools()
    for (let i = 0; i < 2; i++) await mcp.callTool(CALL)
    expect(listPaid(opened.asked)).toEqual([false, true, true])
  })

  it('writes the payment as base64 for a server that asked so on this client', async () => {
    const content = [{ type: 'text', text: JSON.stringify(TERMS) }]
    const opened = await open(({ payment }) =>
      typeof payment === 'string' ? deliver() : { isError: true, _meta: { 'x402/error': TERMS }, content },
    )
    const { mcp } = wrapPrepaying(opened)
    for (let i = 0; i < 3; i++) expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(opened.asked.map(({ payment }) => typeof payment)).toEqual(['undefined', 'string', 'string', 'string'])
  })

  it('writes it as the server says that reads another form, when the same call presents it again', async () => {
    const content = [{ type: 'text', text: JSON.stringify(TERMS) }]
    const opened = await open(({ payment }) =>
      typeof payment === 'string' ? deliver() : { isError: true, _meta: { 'x402/error': TERMS }, content },
    )
    const { mcp, records } = wrapPrepaying(opened, [{ route: SERVER, terms: KNOWN }])
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(opened.asked.map(({ payment }) => typeof payment).at(0)).toBe('object')
    expect(opened.asked.map(({ payment }) => typeof payment).at(-1)).toBe('string')
    expect(await records()).toHaveLength(1)
  })

  it('gives calls that joined a prepaid one a copy of what it bought', async () => {
    const opened = await open(sell)
    const { mcp, records } = wrapPrepaying(opened, undefined, { inFlight: 'join' })
    await mcp.callTool({ name: 'get_forecast' })
    const all = await Promise.all([mcp.callTool(CALL), mcp.callTool(CALL), mcp.callTool(CALL)])
    expect(new Set(all).size).toBe(3)
    expect(new Set(all.map((one) => paymentOf(one)?.id)).size).toBe(1)
    for (const one of all) expect(one).toMatchObject({ content: [{ text: 'sunny' }] })
    expect(listPaid(opened.asked)).toEqual([false, true, true])
    expect(await records()).toHaveLength(2)
  })

  it('buys once under a key, for calls at once and for later ones', async () => {
    const { mcpClient, asked, payments } = await open(sell)
    const { client, records } = createMcpBuyer({ prepay: [{ route: SERVER, terms: KNOWN }] })
    const mcp: { callTool(...args: unknown[]): Promise<object> } = wrapMCPClientWithPayment(mcpClient, client, {
      server: SERVER,
    })
    const buy = (params: object) => mcp.callTool(params, { x402: { purchase: 'monday', purchaseFor: 60 } })
    const [one, other] = await Promise.all([buy(CALL), buy(CALL)])
    expect(paymentOf(one)?.id).toBe(paymentOf(other)?.id)
    await expect(buy(CALL)).rejects.toMatchObject({ code: 'ALREADY_BOUGHT' })
    await expect(buy({ name: 'get_forecast' })).rejects.toMatchObject({ code: 'PURCHASE_KEY_REUSED' })
    expect(listPaid(asked).filter(Boolean)).toEqual([true])
    expect([payments().length, (await records()).length]).toEqual([1, 1])
  })
})

describe('prepaying through MCP:', () => {
  it('asks where the caller gave a payment of its own', async () => {
    const opened = await openV1(({ payment }) =>
      Object.hasOwn(new Object(payment), 'accepted') ? deliver() : askToPay(),
    )
    const { mcp, records } = wrapPrepaying(opened, [{ route: SERVER, terms: KNOWN }])
    const own = { ...CALL, _meta: { 'x402/payment': { own: true } } }
    await expect(mcp.callTool(own)).rejects.toMatchObject({ code: 'PAYMENT_HEADER_PRESENT', money: 'untouched' })
    expect([opened.payments(), await records()]).toEqual([['{"own":true}'], []])
  })

  it('asks once and pays twice when the client is wrapped twice', async () => {
    const opened = await openV1(sell)
    const { mcp, client, records } = wrapPrepaying(opened)
    const twice = wrapMCPClientWithPayment(mcp, client, { server: SERVER })
    for (let i = 0; i < 2; i++) expect(paymentOf(await twice.callTool(CALL))?.money).toBe('settled')
    expect(listPaid(opened.asked)).toEqual([false, true, true])
    expect([opened.payments().length, (await records()).length]).toEqual([2, 2])
  })

  it('asks where no one can see whether the request leaves', async () => {
    const opened = await openV1(sell)
    const { mcpClient } = opened
    const hiding = { callTool: async (params: typeof CALL): Promise<object> => mcpClient.callTool(params) }
    const { mcp } = wrapPrepaying({ mcpClient: hiding })
    for (let i = 0; i < 2; i++) expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(listPaid(opened.asked)).toEqual([false, true, false, true])
  })

  it('asks and pays with a client that rewrites params on the way', async () => {
    const { mcpClient, asked, payments } = await openV1(sell)
    const own = {
      transport: Reflect.get(mcpClient, 'transport') as unknown,
      callTool: (params: typeof CALL): Promise<object> => mcpClient.callTool(JSON.parse(JSON.stringify(params))),
    }
    const { mcp, counted } = wrapPrepaying({ mcpClient: own }, [{ route: SERVER, terms: KNOWN }])
    for (let i = 0; i < 2; i++) expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(listPaid(asked)).toEqual([false, true, false, true])
    expect([payments().length, await counted()]).toEqual([2, ['settled 10000', 'settled 10000']])
  })

  it('asks a server without a name', async () => {
    const { mcpClient, asked } = await openV1(sell)
    const { client } = createMcpBuyer({ prepay: [{ route: SERVER, terms: KNOWN }] })
    const call = wrapMCPClientWithPayment(mcpClient, client).callTool(CALL)
    await expect(call).rejects.toMatchObject({ code: 'MCP_SERVER_UNKNOWN' })
    expect(listPaid(asked)).toEqual([false])
  })

  it('sends what the call was made with, whatever becomes of the caller’s object meanwhile', async () => {
    const opened = await openV1(sell)
    const { mcp } = wrapPrepaying(opened)
    for (let i = 0; i < 2; i++) {
      const params = { name: 'get_forecast', arguments: { city: 'Berlin' } }
      const calling = mcp.callTool(params)
      params.arguments.city = 'Paris'
      await calling
    }
    expect(opened.asked.map(({ params }) => params.arguments?.['city'])).toEqual(['Berlin', 'Berlin', 'Berlin'])
  })

  it('signs nothing for what can not be written as JSON', async () => {
    const opened = await openV1(sell)
    const { mcp, records } = wrapPrepaying(opened, [{ route: SERVER, terms: KNOWN }])
    await catchError(mcp.callTool({ name: 'get_forecast', arguments: { n: 1n } }))
    expect(await records()).toEqual([])
  })

  it('is no part of a client that prepays nothing', async () => {
    const opened = await openV1(sell)
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(opened.mcpClient, client.register('solana:*', new TestScheme()), {
      server: SERVER,
    })
    for (let i = 0; i < 2; i++) await mcp.callTool(CALL)
    expect(listPaid(opened.asked)).toEqual([false, true, false, true])
  })
})

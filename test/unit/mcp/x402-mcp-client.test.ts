import { Client } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import {
  createx402MCPClient,
  type PaymentRequiredHook,
  x402MCPClient,
  type x402MCPClientOptions,
} from '../../../src/mcp/index.js'
import { TestScheme } from '../../../src/testing/index.js'
import { askToPay, createMcpBuyer, deliver, RECEIPT, sell, TERMS } from './answers.js'
import { VERSIONS } from './open-mcp.js'

const SERVER = { server: 'stdio:weather' } as const
const ARGS = { city: 'Berlin' }

describe.each(VERSIONS)('x402MCPClient, with %s', (_, open) => {
  it('calls a tool by its name, pays once, and tells the receipt', async () => {
    const { mcpClient, asked, payments } = await open(sell)
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client, SERVER)
    const result = await mcp.callTool('get_forecast', ARGS)
    expect(result).toMatchObject({ content: [{ text: 'sunny' }], paymentMade: true, paymentResponse: RECEIPT })
    expect(paymentOf(result)?.money).toBe('settled')
    expect(asked[1]?.params).toMatchObject({ name: 'get_forecast', arguments: ARGS })
    expect(payments()).toHaveLength(1)
  })

  it('says that nothing was paid for a free tool', async () => {
    const { mcpClient } = await open(() => ({ content: [] }))
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client)
    expect(await mcp.callTool('get_forecast')).toEqual({ content: [], paymentMade: false })
  })

  it('shows its hooks the terms, and what came of the payment', async () => {
    const { mcpClient } = await open(sell)
    const said: unknown[] = []
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client, {
      ...SERVER,
      onPaymentRequested: (context) => said.push(['requested', context]) > 0,
    })
      .onPaymentRequired((context) => void said.push(['required', context]))
      .onBeforePayment((context) => void said.push(['before', context]))
      .onAfterPayment(({ toolName, settleResponse, paymentPayload, result }) => {
        said.push(['after', { toolName, settleResponse, version: paymentPayload.x402Version, result }])
        throw new Error('A hook that fails loses nothing that was paid for.')
      })
    expect((await mcp.callTool('get_forecast', ARGS)).paymentMade).toBe(true)
    const context = { toolName: 'get_forecast', arguments: ARGS, paymentRequired: TERMS }
    expect(said).toEqual([
      ['required', context],
      ['requested', context],
      ['before', context],
      ['after', { toolName: 'get_forecast', settleResponse: RECEIPT, version: 2, result: deliver() }],
    ])
  })

  it.each<[string, x402MCPClientOptions, PaymentRequiredHook]>([
    ['onPaymentRequested says no', { onPaymentRequested: () => false }, () => undefined],
    ['it is told not to pay', { autoPayment: false }, () => undefined],
    ['onPaymentRequired aborts', {}, () => ({ abort: true })],
  ])('error: REFUSED_BY_HOOK when %s, and nothing is signed', async (_name, options, hook) => {
    const { mcpClient, payments } = await open(sell)
    const { client, records } = createMcpBuyer()
    const mcp = new x402MCPClient(mcpClient, client, { ...SERVER, ...options }).onPaymentRequired(hook)
    await expect(mcp.callTool('get_forecast')).rejects.toMatchObject({ code: 'REFUSED_BY_HOOK', money: 'untouched' })
    expect([payments(), await records()]).toEqual([[], []])
  })

  it('error: PAYMENT_BY_HAND for a payment of a hook or a caller, which no limit has seen', async () => {
    const { mcpClient, payments } = await open(sell)
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client, SERVER)
    await expect(mcp.callToolWithPayment('get_forecast', {}, { x402Version: 2 })).rejects.toMatchObject({
      code: 'PAYMENT_BY_HAND',
    })
    mcp.onPaymentRequired(() => ({ payment: { x402Version: 2, payload: {} } }))
    await expect(mcp.callTool('get_forecast')).rejects.toMatchObject({ code: 'PAYMENT_BY_HAND', money: 'untouched' })
    expect(payments()).toEqual([])
  })

  it('tells what a tool asks for by calling it, and runs one that is free', async () => {
    const answers = [askToPay(), { content: [] }]
    const { mcpClient, asked } = await open(() => answers.shift() ?? {})
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client, SERVER)
    expect(await mcp.getToolPaymentRequirements('get_forecast', ARGS)).toEqual(TERMS)
    expect(await mcp.getToolPaymentRequirements('get_forecast', ARGS)).toBeNull()
    expect(asked).toHaveLength(2)
  })

  it('does all else as the MCP client does it', async () => {
    const tool = { name: 'get_forecast', inputSchema: { type: 'object' } }
    const { mcpClient } = await open(sell, [tool])
    const { client } = createMcpBuyer()
    const mcp = new x402MCPClient(mcpClient, client, SERVER)
    expect(mcp.client).toBe(mcpClient)
    expect(mcp.paymentClient).toBe(client)
    expect(mcp.getServerVersion()).toMatchObject({ name: 'seller' })
    expect(mcp.getServerCapabilities()).toMatchObject({ tools: {} })
    expect(await mcp.listTools()).toMatchObject({ tools: [tool] })
    expect(await mcp.ping()).toEqual({})
  })
})

describe('createx402MCPClient', () => {
  const schemes = [{ network: 'eip155:*', client: new TestScheme() }] as const

  it.each([
    ['version 1', ClientV1],
    ['version 2', Client],
  ])('makes a client of %s of the SDK, and what pays for it', (_, Class) => {
    const mcp = createx402MCPClient<ClientV1 | Client>({ Client: Class, name: 'agent', version: '1.0.0', schemes })
    expect(mcp.client).toBeInstanceOf(Class)
  })

  it('error: INVALID_OPTION when the class of the SDK is missing, and says how to give it', () => {
    const config = { name: 'agent', version: '1.0.0', schemes } as never
    expect(() => createx402MCPClient(config)).toThrow(/Client/)
  })

  it('error: USE_LIMITS for the spend controls of `@x402/core`', () => {
    const config = { Client, name: 'agent', version: '1.0.0', schemes, spendControls: false } as never
    expect(() => createx402MCPClient(config)).toThrow(expect.objectContaining({ code: 'USE_LIMITS' }))
  })
})

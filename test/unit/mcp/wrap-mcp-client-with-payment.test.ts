import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { askToPay, createMcpBuyer, deliver, sell } from './answers.js'
import { VERSIONS } from './open-mcp.js'

const CALL = { name: 'get_forecast', arguments: { city: 'Berlin', days: 3 } }

describe.each(VERSIONS)('wrapMCPClientWithPayment, with %s', (_, open) => {
  it('pays once and returns what was paid for, with its payment', async () => {
    const { mcpClient, asked, payments } = await open(sell)
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })
    const result = await mcp.callTool(CALL)
    expect(result).toMatchObject({ content: [{ type: 'text', text: 'sunny' }] })
    expect(paymentOf(result)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(JSON.parse(JSON.stringify(result))).toEqual(deliver())
    expect(asked.map(({ params }) => params.arguments)).toEqual([CALL.arguments, CALL.arguments])
    expect(payments()).toHaveLength(1)
    expect(await records()).toMatchObject([
      { state: 'settled', delivery: 'delivered', call: { host: 'stdio:weather', origin: 'stdio:weather' } },
    ])
    expect(await client.payments()).toMatchObject([{ resource: 'tools/call stdio:weather/get_forecast' }])
  })

  it('hands over a free result as it came, and asks for no name of the server', async () => {
    const { mcpClient } = await open(() => ({ content: [{ type: 'text', text: 'free' }] }))
    const result = await wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client).callTool(CALL)
    expect(result).toEqual({ content: [{ type: 'text', text: 'free' }] })
    expect(paymentOf(result)).toBeUndefined()
  })

  it('error: MCP_SERVER_UNKNOWN when the transport has no address and the server no name, and nothing is signed', async () => {
    const { mcpClient, payments } = await open(sell)
    const { client, records } = createMcpBuyer()
    const call = wrapMCPClientWithPayment(mcpClient, client).callTool(CALL)
    await expect(call).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'MCP_SERVER_UNKNOWN',
      money: 'untouched',
      response: askToPay(),
    })
    expect(payments()).toEqual([])
    expect(await records()).toEqual([])
  })

  it('pays by its schema what a tool with an output schema sells', async () => {
    const outputSchema = {
      type: 'object',
      properties: { degrees: { type: 'number' } },
      required: ['degrees'],
      additionalProperties: false,
    }
    const tool = { name: 'get_forecast', inputSchema: { type: 'object' }, outputSchema }
    const { mcpClient, payments } = await open(
      ({ payment }) => (payment === undefined ? askToPay() : { ...deliver(), structuredContent: { degrees: 21 } }),
      [tool],
    )
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })
    await mcp.listTools()
    const result = await mcp.callTool(CALL)
    expect(result).toMatchObject({ structuredContent: { degrees: 21 } })
    expect(paymentOf(result)?.money).toBe('settled')
    expect(payments()).toHaveLength(1)
  })
})

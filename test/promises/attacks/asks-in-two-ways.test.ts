import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { encodeJsonHeader } from '../../../src/wire/header-codec.js'
import { askToPay, createMcpBuyer, deliver, TERMS } from '../../unit/mcp/answers.js'

/** What a request for a tool carries. */
type Carried = { readonly overHttp: boolean; readonly overMcp: boolean }

/** A buyer whose transport pays over HTTP and whose client pays over MCP, and a server that asks in either way. */
async function openBoth(asks: { readonly http: (carried: Carried) => boolean; readonly mcp: boolean }) {
  const { client } = createMcpBuyer()
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'seller', version: '1.0.0' }, { capabilities: { tools: {} } })
    server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
      const meta: Readonly<Record<string, unknown>> = { ...mcpReq.envelope, ...params._meta }
      return (asks.mcp && meta['x402/payment'] === undefined ? askToPay() : deliver()) as never
    })
    return server
  })
  const serve: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = await request.clone().text()
    const carried = {
      overHttp: request.headers.has('payment-signature'),
      overMcp: body.includes('"x402/payment"'),
    }
    if (!body.includes('tools/call') || !asks.http(carried)) return handler.fetch(request)
    return new Response('{}', { status: 402, headers: { 'payment-required': encodeJsonHeader(TERMS) } })
  }
  const mcpClient = new Client({ name: 'buyer', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } })
  await mcpClient.connect(
    new StreamableHTTPClientTransport(new URL('https://mcp.example.com/mcp'), {
      fetch: wrapFetchWithPayment(serve, client) as typeof fetch,
    }),
  )
  onTestFinished(() => mcpClient.close())
  const mcp = wrapMCPClientWithPayment(mcpClient, client)
  return { call: () => mcp.callTool({ name: 'get_forecast' }), payments: () => client.payments() }
}

describe('a server that asks over HTTP and over MCP', () => {
  it('error: PAYMENT_HEADER_PRESENT over MCP, when it was paid over HTTP', async () => {
    const { call, payments } = await openBoth({ http: ({ overHttp }) => !overHttp, mcp: true })
    await expect(call()).rejects.toMatchObject({ code: 'PAYMENT_HEADER_PRESENT', money: 'untouched' })
    expect((await payments()).map(({ resource }) => resource)).toEqual(['POST https://mcp.example.com/mcp'])
  })

  it('error: ANSWER_LOST, when it asks over HTTP for what is paid over MCP', async () => {
    const { call, payments } = await openBoth({ http: ({ overHttp, overMcp }) => overMcp && !overHttp, mcp: true })
    await expect(call()).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    await expect(call()).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect(await payments()).toMatchObject([{ resource: 'tools/call https://mcp.example.com/mcp/get_forecast' }])
  })
})

describe('a server that asks in one way', () => {
  it('over HTTP is paid once there', async () => {
    const { call, payments } = await openBoth({ http: ({ overHttp }) => !overHttp, mcp: false })
    expect(await call()).toMatchObject({ content: [{ text: 'sunny' }] })
    expect(await payments()).toMatchObject([{ resource: 'POST https://mcp.example.com/mcp' }])
  })

  it('over MCP is paid once there', async () => {
    const { call, payments } = await openBoth({ http: () => false, mcp: true })
    expect(paymentOf(await call())?.money).toBe('settled')
    expect(await payments()).toHaveLength(1)
  })
})

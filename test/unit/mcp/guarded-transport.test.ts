import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { askToPay, createMcpBuyer, deliver } from './answers.js'

const PAYMENT = 'x402/payment'

/** An MCP server over HTTP that redirects what is paid, unless it came by that redirect. */
async function openRedirecting(toTarget: (origin: string) => string | undefined) {
  const paths: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const isPaid = body.includes(`"${PAYMENT}"`)
    if (isPaid) paths.push(String(request.url))
    const target = isPaid && request.url === '/mcp' ? toTarget(origin) : undefined
    if (target !== undefined) {
      response.writeHead(307, { location: target }).end()
      return
    }
    const mcp = new Server({ name: 'seller', version: '1.0.0' }, { capabilities: { tools: {} } })
    mcp.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      params._meta?.[PAYMENT] === undefined ? askToPay() : deliver(),
    )
    const transport = new StreamableHTTPServerTransport()
    await mcp.connect(transport as never)
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: new URL('/mcp', origin), origin, paths }
}

const INFO = { name: 'buyer', version: '1.0.0' }

async function connectV1(url: URL) {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(url, { redirectPolicy: 'follow' }) as never)
  onTestFinished(() => client.close())
  return client
}

async function connectV2(url: URL) {
  const client = new ClientV2(INFO)
  await client.connect(new TransportV2(url, { redirectPolicy: 'follow' }))
  onTestFinished(() => client.close())
  return client
}

describe.each([
  ['version 1 of the SDK', connectV1],
  ['version 2 of the SDK', connectV2],
])('a payment over HTTP, with %s', (_, connect) => {
  it('goes along with a redirect within the origin', async () => {
    const { url, paths } = await openRedirecting((origin) => `${origin}/mcp/`)
    const mcp = wrapMCPClientWithPayment<{ callTool(params: { name: string }): Promise<object> }>(
      await connect(url),
      createMcpBuyer().client,
    )
    expect(paymentOf(await mcp.callTool({ name: 'get_forecast' }))?.money).toBe('settled')
    expect(paths).toEqual(['/mcp', '/mcp/'])
  })

  it('error: ANSWER_LOST for a redirect to another origin, which the payment never reaches', async () => {
    const other = await openRedirecting(() => undefined)
    const { url, paths } = await openRedirecting(() => `${other.origin}/mcp`)
    const mcp = wrapMCPClientWithPayment<{ callTool(params: { name: string }): Promise<object> }>(
      await connect(url),
      createMcpBuyer().client,
    )
    await expect(mcp.callTool({ name: 'get_forecast' })).rejects.toMatchObject({
      code: 'ANSWER_LOST',
      money: 'in-doubt',
    })
    expect([paths, other.paths]).toEqual([['/mcp'], []])
  })
})

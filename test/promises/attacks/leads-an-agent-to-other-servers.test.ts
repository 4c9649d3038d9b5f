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
import { type MCPClientLike, wrapMCPClientWithPayment, x402MCPClient } from '../../../src/mcp/index.js'
import { askToPay, createMcpBuyer, deliver, sell } from '../../unit/mcp/answers.js'
import { openModern, VERSIONS } from '../../unit/mcp/open-mcp.js'

const CALL = { name: 'get_forecast' }
const OUT_OF_REACH = { code: 'HOST_OUT_OF_REACH', money: 'untouched' }

type Caller = { callTool(params: { name: string }): Promise<object> } & MCPClientLike

describe.each(VERSIONS)('a restricted client and a server over stdio, with %s', (_, open) => {
  it('asks the one that its hosts name, and no other, whatever is asked for', async () => {
    const { mcpClient, asked } = await open(sell)
    const agent = createMcpBuyer().client.restrict({ hosts: ['stdio:weather'] })
    const named = (server?: string) => wrapMCPClientWithPayment(mcpClient, agent, { server, refusals: 'return' })
    for (const mcp of [named('stdio:news'), named()]) {
      await expect(mcp.callTool(CALL)).rejects.toMatchObject(OUT_OF_REACH)
      await expect(mcp.readResource({ uri: 'file:///etc/passwd' })).rejects.toMatchObject(OUT_OF_REACH)
      await expect(mcp.getPrompt(CALL)).rejects.toMatchObject(OUT_OF_REACH)
      await expect(mcp.quote(CALL)).rejects.toMatchObject(OUT_OF_REACH)
    }
    const old = new x402MCPClient(mcpClient, agent, { server: 'stdio:news' })
    await expect(old.getToolPaymentRequirements('get_forecast')).rejects.toMatchObject(OUT_OF_REACH)
    await expect(old.callTool('get_forecast')).rejects.toMatchObject(OUT_OF_REACH)
    expect(asked).toEqual([])
    expect(paymentOf(await named('stdio:weather').callTool(CALL))?.money).toBe('settled')
  })

  it('asks any that its owner named where it has no hosts', async () => {
    const { mcpClient } = await open(sell)
    const agent = createMcpBuyer().client.restrict({ total: '$1' })
    const mcp = wrapMCPClientWithPayment(mcpClient, agent, { server: 'stdio:weather' })
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
  })
})

describe('a restricted client and a server over HTTP', () => {
  it('asks the one that its hosts name', async () => {
    const { mcpClient, asked } = await openModern(() => deliver())
    const { client } = createMcpBuyer()
    const wrap = (host: string) => wrapMCPClientWithPayment(mcpClient, client.restrict({ hosts: [host] }))
    await expect(wrap('example.com').callTool(CALL)).rejects.toMatchObject(OUT_OF_REACH)
    await expect(wrap('stdio:weather').callTool(CALL)).rejects.toMatchObject(OUT_OF_REACH)
    expect(asked).toEqual([])
    await wrap('mcp.example.com').callTool(CALL)
    expect(asked).toHaveLength(1)
  })

  it.each(['http://127.0.0.1:4021/mcp', 'https://169.254.169.254/mcp', 'https://mcp.internal/mcp'])(
    'does not ask %s, unless it is listed',
    async (url) => {
      const { mcpClient, asked } = await openModern(() => deliver(), url)
      const { client } = createMcpBuyer()
      const bare = wrapMCPClientWithPayment(mcpClient, client.restrict({ total: '$1' }))
      await expect(bare.callTool(CALL)).rejects.toMatchObject(OUT_OF_REACH)
      expect(asked).toEqual([])
      await wrapMCPClientWithPayment(mcpClient, client.restrict({ hosts: [new URL(url).host] })).callTool(CALL)
      await wrapMCPClientWithPayment(mcpClient, client.restrict({ reach: 'anywhere' })).callTool(CALL)
      expect(asked).toHaveLength(2)
    },
  )

  it('does not ask a server that the client was reconnected to', async () => {
    const { mcpClient, asked, connect } = await openModern(() => deliver())
    const agent = createMcpBuyer().client.restrict({ hosts: ['mcp.example.com'] })
    const mcp = wrapMCPClientWithPayment(mcpClient, agent)
    await mcp.callTool(CALL)
    await mcpClient.close()
    await connect('https://other.example/mcp')
    await expect(mcp.callTool(CALL)).rejects.toMatchObject(OUT_OF_REACH)
    expect(asked).toHaveLength(1)
  })
})

describe('a payment over MCP', () => {
  it.each([false, true])(
    'goes to no server that the client is connected to while the SDK waits; paid there before: %s',
    async (isKnown) => {
      const { mcpClient, asked, connect, payments } = await openModern(sell)
      const { client } = createMcpBuyer()
      const mcp = wrapMCPClientWithPayment(mcpClient, client)
      // Version 2 looks into its cache before it sends; who runs it may connect it anew meanwhile, and call from elsewhere.
      const cache = Reflect.get(mcpClient, '_cache') as { outputValidator(...args: unknown[]): Promise<unknown> }
      const own = cache.outputValidator.bind(cache)
      let looked = 0
      cache.outputValidator = async (...args) => {
        if (++looked !== 2) return own(...args)
        await mcpClient.close()
        await connect('https://other.example/mcp')
        if (isKnown) await mcp.callTool({ name: 'other' })
        return own(...args)
      }
      const lost = { code: 'REDIRECTED_ELSEWHERE', money: 'in-doubt' }
      await expect(mcp.callTool(CALL)).rejects.toMatchObject(lost)
      expect(asked.filter(({ params, payment }) => params.name === CALL.name && payment !== undefined)).toEqual([])
      await mcpClient.close()
      await connect('https://mcp.example.com/mcp?key=very-secret')
      expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
      expect(payments()).toHaveLength(isKnown ? 2 : 1)
    },
  )
})

describe.each(VERSIONS)('a client that rewrites params on the way, with %s', (_, open) => {
  it('pays all the same', async () => {
    const { mcpClient, payments } = await open(sell)
    const own = {
      transport: Reflect.get(mcpClient, 'transport') as unknown,
      callTool: (params: { name: string }): Promise<object> => mcpClient.callTool(JSON.parse(JSON.stringify(params))),
    }
    const mcp = wrapMCPClientWithPayment(own, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(payments()).toHaveLength(1)
  })
})

/** An MCP server over HTTP that redirects what calls a tool. */
async function openRedirecting(target?: string) {
  const called: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    if (body.includes('tools/call')) called.push(body)
    if (body.includes('tools/call') && target !== undefined) {
      response.writeHead(307, { location: target }).end()
      return
    }
    const mcp = new Server({ name: 'seller', version: '1.0.0' }, { capabilities: { tools: {} } })
    mcp.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      params._meta?.['x402/payment'] === undefined ? askToPay() : deliver(),
    )
    const transport = new StreamableHTTPServerTransport()
    await mcp.connect(transport as never)
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, called }
}

const INFO = { name: 'buyer', version: '1.0.0' }

async function connectV1(url: string) {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(new URL(url), { redirectPolicy: 'follow' }) as never)
  onTestFinished(() => client.close())
  return client as Caller
}

async function connectV2(url: string) {
  const client = new ClientV2(INFO)
  await client.connect(new TransportV2(new URL(url), { redirectPolicy: 'follow' }))
  onTestFinished(() => client.close())
  return client as Caller
}

describe.each([
  ['version 1 of the SDK', connectV1],
  ['version 2 of the SDK', connectV2],
])('a listed server that redirects elsewhere, with %s', (_, connect) => {
  it('leads no call of a restricted client there, and signs nothing', async () => {
    const other = await openRedirecting()
    const { url } = await openRedirecting(other.url)
    const { client, records } = createMcpBuyer()
    const agent = client.restrict({ hosts: [new URL(url).host] })
    await expect(wrapMCPClientWithPayment(await connect(url), agent).callTool(CALL)).rejects.toThrow()
    expect(other.called).toEqual([])
    expect(await records()).toEqual([])
  })
})

describe('a server whose redirects a transport was told to follow', () => {
  it('error: CHALLENGE_REDIRECTED for what another one asks under its name, and nothing is signed', async () => {
    const other = await openRedirecting()
    const { url } = await openRedirecting(other.url)
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(await connectV2(url), client)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'CHALLENGE_REDIRECTED', money: 'untouched' })
    expect([other.called.length, await records()]).toEqual([1, []])
  })
})

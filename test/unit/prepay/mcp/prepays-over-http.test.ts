import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client'
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { wrapFetchWithPayment } from '../../../../src/fetch/index.js'
import { paymentOf } from '../../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../../src/mcp/index.js'
import { encodeJsonHeader } from '../../../../src/wire/header-codec.js'
import { listPaid } from '../../../support/begin-to-prepay.js'
import { askToPay, catchError, createMcpBuyer, deliver, RECEIPT, sell, TERMS } from '../../mcp/answers.js'
import { openModern, type Sell } from '../../mcp/open-mcp.js'
import { CALL, KNOWN, wrapPrepaying } from './prepaying-client.js'

const ORIGIN = 'https://mcp.example.com'
const WEB = { server: undefined }

/** A server over HTTP that can begin to redirect every call to another. */
async function serve() {
  const calls: boolean[] = []
  let target: string | undefined
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    const isCall = body.includes('"tools/call"')
    if (isCall) calls.push(body.includes('"x402/payment"'))
    if (isCall && target !== undefined) return void response.writeHead(307, { location: target }).end()
    const mcp = new Server({ name: 'seller', version: '1.0.0' }, { capabilities: { tools: {} } })
    mcp.setRequestHandler(CallToolRequestSchema, ({ params }) =>
      params._meta?.['x402/payment'] === undefined ? askToPay() : deliver(),
    )
    const transport = new StreamableHTTPServerTransport()
    await mcp.connect(transport as never)
    await transport.handleRequest(request, response, body === '' ? undefined : JSON.parse(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const redirect = (to: string | undefined) => {
    target = to
  }
  return { url: new URL('/mcp', origin), origin, calls, redirect }
}

const INFO = { name: 'buyer', version: '1.0.0' }

type Caller = { callTool(params: { name: string }): Promise<object>; close(): Promise<void> }

async function connectV1(url: URL): Promise<Caller> {
  const client = new ClientV1(INFO)
  await client.connect(new TransportV1(url, { redirectPolicy: 'follow' }) as never)
  onTestFinished(() => client.close())
  return client
}

async function connectV2(url: URL): Promise<Caller> {
  const client = new ClientV2(INFO)
  await client.connect(new TransportV2(url, { redirectPolicy: 'follow' }))
  onTestFinished(() => client.close())
  return client
}

describe.each([
  ['version 1 of the SDK', connectV1],
  ['version 2 of the SDK', connectV2],
])('prepaying through MCP over HTTP, with %s:', (_, connect) => {
  it('asks once and pays three times, by a route of one tool', async () => {
    const seller = await serve()
    const { mcp } = wrapPrepaying(
      { mcpClient: await connect(seller.url) },
      [{ route: `${seller.url}/get_forecast` }],
      WEB,
    )
    for (let i = 0; i < 3; i++) expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(seller.calls).toEqual([false, true, true, true])
  })

  it('error: ANSWER_LOST for a redirect to another origin, which the payment never reaches', async () => {
    const [seller, other] = [await serve(), await serve()]
    const { mcp } = wrapPrepaying({ mcpClient: await connect(seller.url) }, [{ route: seller.origin }], WEB)
    await mcp.callTool(CALL)
    seller.redirect(other.url.href)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    expect([seller.calls, other.calls]).toEqual([[false, true, true], []])
  })
})

/** Sells by result type, as the protocol version of July 2026 has it. */
const sellByType =
  (more: object = {}): Sell =>
  ({ method, payment }) => {
    if (payment === undefined) return { resultType: 'payment_required', paymentRequired: TERMS }
    const _meta = { 'x402/payment-response': RECEIPT }
    if (method === 'resources/read') return { contents: [{ uri: 'report://1', text: 'bought' }], _meta, ...more }
    if (method === 'prompts/get')
      return { messages: [{ role: 'user', content: { type: 'text', text: 'bought' } }], _meta }
    return deliver()
  }

describe('prepaying through MCP over HTTP, in the era of 2026-07-28:', () => {
  it.each([
    ['of the server', ORIGIN],
    ['of all that it offers', `${ORIGIN}/mcp/*`],
  ])('pays for tools, resources and prompts by a route %s', async (_name, route) => {
    const opened = await openModern(sellByType())
    const { mcp } = wrapPrepaying(opened, [{ route }], WEB)
    for (let i = 0; i < 2; i++) {
      expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
      expect(paymentOf(await mcp.readResource({ uri: 'report://1?key=very-secret' }))?.money).toBe('settled')
      expect(paymentOf(await mcp.getPrompt({ name: 'plan' }))?.money).toBe('settled')
    }
    expect(listPaid(opened.asked)).toEqual([false, true, false, true, false, true, true, true, true])
  })

  it('buys no resource that the SDK has kept, unless the caller wants a new one', async () => {
    const opened = await openModern(sellByType({ ttlMs: 60_000, cacheScope: 'private' }))
    const { mcp, records } = wrapPrepaying(opened, [{ route: ORIGIN }], WEB)
    for (let i = 0; i < 3; i++) await mcp.readResource({ uri: 'report://1' })
    expect(listPaid(opened.asked)).toEqual([false, true])
    await mcp.readResource({ uri: 'report://1' }, { cacheMode: 'refresh' })
    expect(listPaid(opened.asked)).toEqual([false, true, true])
    expect(await records()).toHaveLength(2)
  })

  it('asks another server that the client was connected to, as usual', async () => {
    const opened = await openModern(sellByType())
    const { mcp } = wrapPrepaying(opened, [{ route: ORIGIN, terms: KNOWN }], WEB)
    await mcp.callTool(CALL)
    await opened.mcpClient.close()
    await opened.connect('https://other.example/mcp')
    await mcp.callTool(CALL)
    expect(listPaid(opened.asked)).toEqual([true, false, true])
  })

  it('error: MCP_SERVER_CHANGED when it was connected to another meanwhile, which is asked nothing', async () => {
    const opened = await openModern(sellByType())
    const approve = async () => {
      await opened.mcpClient.close()
      await opened.connect('https://other.example/mcp')
      return true
    }
    const { mcp } = wrapPrepaying(opened, [{ route: ORIGIN, terms: KNOWN }], { ...WEB, limits: { approve } })
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'MCP_SERVER_CHANGED', money: 'released' })
    expect(opened.asked).toEqual([])
  })

  it('is for agents whose hosts are listed, where they are', async () => {
    const opened = await openModern(sellByType())
    const { client } = createMcpBuyer({ prepay: [{ route: ORIGIN, terms: KNOWN }] })
    await wrapMCPClientWithPayment(opened.mcpClient, client.restrict({ hosts: ['mcp.example.com'] })).callTool(CALL)
    expect(listPaid(opened.asked)).toEqual([true])
    await wrapMCPClientWithPayment(opened.mcpClient, client.restrict({ total: '$1' })).callTool(CALL)
    expect(listPaid(opened.asked)).toEqual([true, false, true])
    const other = wrapMCPClientWithPayment(opened.mcpClient, client.restrict({ hosts: ['other.example'] }))
    expect(await catchError(other.callTool(CALL))).toMatchObject({ code: 'HOST_OUT_OF_REACH', money: 'untouched' })
    expect(opened.asked).toHaveLength(3)
  })
})

describe('prepaying through MCP where redirects are followed:', () => {
  it('asks once a redirect to another origin was seen', async () => {
    const [seller, other] = [await serve(), await serve()]
    const prepay = [{ route: seller.origin, terms: KNOWN }]
    const { mcp, records } = wrapPrepaying({ mcpClient: await connectV2(seller.url) }, prepay, WEB)
    seller.redirect(other.url.href)
    expect(await mcp.quote(CALL)).toMatchObject({ carriedOut: false })
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'CHALLENGE_REDIRECTED', money: 'untouched' })
    expect([seller.calls, other.calls, await records()]).toEqual([[false, false], [false, false], []])
  })

  it('leads no agent there, whose client rewrites params on the way', async () => {
    const [seller, other] = [await serve(), await serve()]
    const mcpClient = await connectV2(seller.url)
    seller.redirect(other.url.href)
    const own = {
      transport: Reflect.get(mcpClient, 'transport') as unknown,
      callTool: (params: typeof CALL): Promise<object> => mcpClient.callTool(JSON.parse(JSON.stringify(params))),
    }
    const { client } = createMcpBuyer({ prepay: [{ route: seller.origin, terms: KNOWN }] })
    const agent = client.restrict({ hosts: [seller.url.host] })
    await catchError(wrapMCPClientWithPayment(own, agent).callTool(CALL))
    expect([seller.calls, other.calls]).toEqual([[false], []])
  })
})

describe('prepaying through MCP over a fetch that pays:', () => {
  const prepay = [{ route: `tools/call ${ORIGIN}`, terms: KNOWN }]

  /** A server whose tools are called through a fetch that pays, and which may ask by a 402 of HTTP. */
  async function openPaying(sellOverMcp: Sell, asksOverHttp: boolean) {
    const opened = await openModern(sellOverMcp)
    const buyer = wrapPrepaying(opened, prepay, WEB)
    const transport: object = opened.mcpClient.transport ?? {}
    const serve = Reflect.get(transport, '_fetch') as typeof fetch
    const ask: typeof fetch = async (input, init) => {
      const request = new Request(input, init)
      const isCall = (await request.clone().text()).includes('tools/call')
      if (!asksOverHttp || !isCall || request.headers.has('payment-signature')) return serve(request)
      return new Response('{}', { status: 402, headers: { 'payment-required': encodeJsonHeader(TERMS) } })
    }
    Reflect.set(transport, '_fetch', wrapFetchWithPayment(ask, buyer.client))
    return { ...opened, ...buyer }
  }

  it('asks a server that asks over HTTP, and pays it there', async () => {
    const { mcp, client, asked } = await openPaying(() => deliver(), true)
    expect(await mcp.callTool(CALL)).toMatchObject({ content: [{ text: 'sunny' }] })
    expect((await client.payments()).map(({ resource }) => resource)).toEqual([`POST ${ORIGIN}/mcp`])
    expect(listPaid(asked)).toEqual([false])
  })

  it('asks a server that asks over MCP, and pays it there', async () => {
    const { mcp, client, asked } = await openPaying(sell, false)
    for (let i = 0; i < 2; i++) expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(listPaid(asked)).toEqual([false, true, false, true])
    const resource = `tools/call ${ORIGIN}/mcp/get_forecast`
    expect(await client.payments()).toMatchObject([{ resource }, { resource }])
  })
})

import { describe, expect, it } from 'vitest'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { createSeller } from '../../../src/testing/index.js'
import { createOffer, createRequired } from '../../support/offers.js'
import { askToPay, catchError, createMcpBuyer, deliver, sell } from './answers.js'
import { openModern, openV2, type Sell, VERSIONS } from './open-mcp.js'

const CALL = { name: 'get_forecast', arguments: { city: 'Berlin' } }
const SERVER = { server: 'stdio:weather' } as const

describe('limits over MCP', () => {
  it('know a server over stdio by the name that it was given, and one over HTTP by its host', async () => {
    const local = await openV2(sell)
    const remote = await openModern(sell)
    const { client } = createMcpBuyer({ limits: { hosts: ['stdio:Weather', 'mcp.example.com'] } })
    const named = (server: string) => wrapMCPClientWithPayment(local.mcpClient, client, { server })
    expect(paymentOf(await named('stdio:weather').callTool(CALL))?.money).toBe('settled')
    expect(paymentOf(await wrapMCPClientWithPayment(remote.mcpClient, client).callTool(CALL))?.money).toBe('settled')
    await expect(named('stdio:news').callTool(CALL)).rejects.toMatchObject({
      code: 'HOST_NOT_ALLOWED',
      money: 'untouched',
    })
    expect(await client.spending({ host: 'stdio:weather' })).toEqual(expect.any(Array))
    expect(await client.payments({ host: 'STDIO:weather' })).toHaveLength(1)
  })

  it('count each tool as a resource of its own, and each host by itself', async () => {
    const { mcpClient } = await openV2(sell)
    const { client } = createMcpBuyer({ limits: { perResource: { payments: 1 } } })
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    await mcp.callTool({ name: 'a' })
    await mcp.callTool({ name: 'a/../b' })
    await mcp.callTool({ name: '..' })
    await mcp.callTool({ name: 'b' })
    expect(await catchError(mcp.callTool({ name: 'a', arguments: { other: true } }))).toMatchObject({
      name: 'LimitError',
      money: 'untouched',
    })
    expect((await client.payments()).map(({ resource }) => resource).sort()).toEqual([
      'tools/call stdio:weather/%00..',
      'tools/call stdio:weather/a',
      'tools/call stdio:weather/a%2F..%2Fb',
      'tools/call stdio:weather/b',
    ])
  })

  it('are one budget with fetch', async () => {
    const { mcpClient } = await openV2(sell)
    const web = createSeller({ price: '$0.01' })
    const { client } = createMcpBuyer({ limits: { total: '$0.02' } })
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    const paidFetch = wrapFetchWithPayment(web.fetch, client)
    await paidFetch(`${web.url}/report`)
    await mcp.callTool(CALL)
    await expect(mcp.callTool({ name: 'other' })).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
    await expect(paidFetch(`${web.url}/other`)).rejects.toMatchObject({ code: 'LIMIT_TOTAL' })
  })

  it('error: INSECURE_TRANSPORT over plain HTTP beyond this machine, and nothing is signed', async () => {
    const { mcpClient, payments } = await openModern(sell, 'http://mcp.example.com/mcp')
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'INSECURE_TRANSPORT', money: 'untouched' })
    expect(payments()).toEqual([])
  })

  it('hold for what one call says for itself, which the server never sees', async () => {
    const { mcpClient, asked } = await openV2(sell)
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    await expect(mcp.callTool(CALL, { x402: { max: '$0.001' } })).rejects.toMatchObject({ code: 'LIMIT_PER_PAYMENT' })
    await mcp.callTool(CALL, { x402: { tags: ['team-a'], purchase: 'monday' } })
    expect(await client.payments()).toMatchObject([{ tags: ['team-a'] }])
    expect(JSON.stringify(asked)).not.toContain('team-a')
    await expect(mcp.callTool(CALL, { x402: { maximum: '$1' } as never })).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
    })
  })

  it('error: PURCHASE_KEY_REUSED for a key whose payment was lost by another call', async () => {
    const { mcpClient } = await openV2(({ payment }) => {
      if (payment === undefined) return askToPay()
      throw Object.assign(new Error('It failed.'), { code: -32603 })
    })
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, SERVER)
    const x402 = { purchase: 'monday' }
    await catchError(mcp.callTool(CALL, { x402 }))
    const other = { name: 'get_forecast', arguments: { city: 'Paris' } }
    await expect(mcp.callTool(other, { x402 })).rejects.toMatchObject({ code: 'PURCHASE_KEY_REUSED' })
  })
})

describe('what terms name as their resource', () => {
  const terms = (url: string) => createRequired([createOffer()], { resource: { url } })
  const selling =
    (url: string): Sell =>
    ({ payment }) =>
      payment === undefined ? askToPay(terms(url)) : deliver()

  it.each(['mcp://tool/get_forecast', 'x402://get_forecast'])(
    'as %s is compared with no host over MCP',
    async (url) => {
      const { mcpClient } = await openModern(selling(url))
      const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer({ strictResource: true }).client)
      expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    },
  )

  it('error: RESOURCE_MISMATCH for another host of the web over MCP, too', async () => {
    const { mcpClient } = await openModern(selling('https://bank.example/'))
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer({ strictResource: true }).client)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'RESOURCE_MISMATCH', money: 'untouched' })
  })

  it('error: RESOURCE_MISMATCH for a name of MCP over HTTP', async () => {
    const body = JSON.stringify(terms('mcp://tool/get_forecast'))
    const fetch = async () => new Response(body, { status: 402, headers: { 'content-type': 'application/json' } })
    const { client } = createMcpBuyer({ strictResource: true })
    await expect(wrapFetchWithPayment(fetch, client)('https://api.example.com/')).rejects.toMatchObject({
      code: 'RESOURCE_MISMATCH',
    })
  })
})

describe('what may be a secret', () => {
  it('of the address of a server or a resource is in no list, message or event, and tells purchases apart', async () => {
    const failing: Sell = ({ payment }) => {
      if (payment === undefined) return askToPay()
      throw Object.assign(new Error('very-secret'), { code: -32603 })
    }
    const { mcpClient, payments } = await openModern(failing)
    const { client } = createMcpBuyer()
    const events: unknown[] = []
    client.on('payment', (event) => void events.push(event))
    const mcp = wrapMCPClientWithPayment(mcpClient, client)
    const error = await catchError(mcp.readResource({ uri: 'https://me:very-secret@files.example/1?key=very-secret' }))
    await catchError(mcp.readResource({ uri: 'https://files.example/1?key=another' }))
    const listed = await client.payments()
    expect(listed.map(({ resource }) => resource)).toEqual([
      'resources/read https://mcp.example.com/mcp/https%3A%2F%2Ffiles.example%2F1',
      'resources/read https://mcp.example.com/mcp/https%3A%2F%2Ffiles.example%2F1',
    ])
    expect(payments()).toHaveLength(2)
    const shown = JSON.stringify([String(error), error, events, listed], (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    expect(shown).not.toContain('secret')
    for (const payment of payments()) expect(shown).not.toContain(readNonce(payment))
  })
})

function readNonce(payment: string): string {
  return /"nonce":"([^"]+)"/.exec(payment)?.[1] ?? ''
}

describe.each(VERSIONS)('equal calls at once over MCP, with %s', (_, open) => {
  it('share one payment through a restricted client, and each has a copy of the result', async () => {
    let release: () => void = () => undefined
    const both = new Promise<void>((resolve) => {
      release = resolve
    })
    const { mcpClient, payments, asked } = await open(async ({ payment }) => {
      if (payment !== undefined) await both
      if (asked.filter((one) => one.payment === undefined).length === 2) release()
      return payment === undefined ? askToPay() : deliver()
    })
    const { client, records } = createMcpBuyer()
    const agent = client.restrict({ name: 'agent', total: '$1' })
    const mcp = wrapMCPClientWithPayment(mcpClient, agent, SERVER)
    const [one, other] = await Promise.all([mcp.callTool(CALL), mcp.callTool(CALL)])
    expect(one).toEqual(other)
    expect(one).not.toBe(other)
    expect(paymentOf(one)?.id).toBe(paymentOf(other)?.id)
    expect(payments()).toHaveLength(1)
    expect(await records()).toHaveLength(1)
  })

  it('are two purchases through a wide client', async () => {
    const { mcpClient, payments } = await open(sell)
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    await Promise.all([mcp.callTool(CALL), mcp.callTool(CALL)])
    expect(payments()).toHaveLength(2)
  })
})

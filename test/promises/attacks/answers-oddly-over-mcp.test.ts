import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import { announcedPriceOf, wrapMCPClientWithPayment, x402MCPClient } from '../../../src/mcp/index.js'
import { askToPay, createMcpBuyer, deliver, RECEIPT, sell, TERMS } from '../../unit/mcp/answers.js'
import { openModern, VERSIONS } from '../../unit/mcp/open-mcp.js'

const SERVER = { server: 'stdio:weather' } as const

describe('what an SDK kept', () => {
  it('is no response to a payment: each that is written down has left', async () => {
    const resource = { contents: [{ uri: 'files://1', text: 'one' }], _meta: { 'x402/payment-response': RECEIPT } }
    const kept = { ...resource, ttlMs: 60_000, cacheScope: 'private' }
    const asking = { resultType: 'payment_required', paymentRequired: TERMS }
    const { mcpClient, payments } = await openModern(({ payment }) => (payment === undefined ? asking : kept))
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client)
    const first = mcp.readResource({ uri: 'files://1' })
    // Allowed only once the SDK keeps what the first one bought.
    const approve = () => first.then(() => true)
    await mcp.readResource({ uri: 'files://1' }, { x402: { approve } })
    expect(payments()).toHaveLength(2)
    expect(await client.payments()).toHaveLength(2)
    await mcp.readResource({ uri: 'files://1' })
    expect(payments()).toHaveLength(2)
  })

  it.each(VERSIONS)('of a stream that is resumed is none either, with %s', async (_, open) => {
    const { mcpClient, payments } = await open(sell)
    const transport = Reflect.get(mcpClient, 'transport') as { send(message: object, options?: object): unknown }
    const own = transport.send.bind(transport)
    const resumed: unknown[] = []
    transport.send = (message, options) => {
      if ('method' in message && message.method === 'tools/call')
        resumed.push(Reflect.get(options ?? {}, 'resumptionToken'))
      return own(message, options)
    }
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, SERVER)
    const args = [{ name: 'get_forecast' }, ...('getProtocolEra' in mcpClient ? [] : [undefined])]
    const call = mcp.callTool as (...args: unknown[]) => Promise<object>
    expect(paymentOf(await call(...args, { resumptionToken: 'event-1' }))?.money).toBe('settled')
    expect(resumed).toEqual(['event-1', undefined])
    expect(payments()).toHaveLength(1)
  })
})

describe('a paid call that asks for more input', () => {
  it('is paid once, though the caller goes on by a call of its own', async () => {
    let paid = 0
    const { mcpClient, payments } = await openModern(({ payment }) => {
      if (payment === undefined) return askToPay()
      return ++paid === 1 ? { resultType: 'input_required', requestState: '1' } : deliver()
    })
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client)
    const call = mcp.callTool as (params: object, options: object) => Promise<object>
    const asking = await call({ name: 'book' }, { allowInputRequired: true })
    expect([asking, paymentOf(asking)?.delivery]).toMatchObject([{ resultType: 'input_required' }, 'answered'])
    const more = { requestState: '1', inputResponses: { day: { action: 'accept', content: { day: 'monday' } } } }
    const booked = await call({ name: 'book', ...more }, { allowInputRequired: true })
    expect([paymentOf(booked)?.money, paymentOf(booked)?.delivery]).toEqual(['settled', 'delivered'])
    expect(payments()).toHaveLength(1)
  })
})

describe.each(VERSIONS)('a server that names things oddly, with %s', (_, open) => {
  it('keeps no one from its other tools by half a character', async () => {
    const inputSchema = { type: 'object' }
    const names = ['\ud800', '\udc00', 'x\ud800', 'get_forecast']
    const goods = { ...deliver(), contents: [{ uri: 'files://1', text: 'one' }] }
    const { mcpClient } = await open(
      ({ payment }) => (payment === undefined ? askToPay() : goods),
      names.map((name) => ({ name, inputSchema })),
    )
    const { client } = createMcpBuyer({ limits: { perResource: { payments: 1 } } })
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    expect(await mcp.listTools()).toMatchObject({ tools: names.map((name) => ({ name })) })
    for (const name of names) expect(paymentOf(await mcp.callTool({ name }))?.money).toBe('settled')
    for (const uri of names) await mcp.readResource({ uri })
    expect(await client.payments()).toHaveLength(2 * names.length)
  })

  it('writes no receipt by a field of the result', async () => {
    const forged = { content: [], paymentResponse: RECEIPT, paymentMade: true }
    const { mcpClient } = await open(({ payment, params: { name } }) =>
      name === 'free' || payment !== undefined ? forged : askToPay(),
    )
    const mcp = new x402MCPClient(mcpClient, createMcpBuyer().client, SERVER)
    expect(await mcp.callTool('free')).toEqual({ content: [], paymentMade: false })
    const bought = await mcp.callTool('paid')
    expect(bought).toEqual({ content: [], paymentMade: true })
    expect(paymentOf(bought)?.money).toBe('in-doubt')
  })
})

describe('announcedPriceOf', () => {
  it('reads no small price out of a huge one', () => {
    const read = (price: unknown) => announcedPriceOf({ _meta: { 'agents-x402/priceUSD': price } })?.dollars
    expect([1e300, 1e21, Number.POSITIVE_INFINITY, -1, '0.01', 1e-9, 0.1].map(read)).toEqual([
      ...Array.from({ length: 5 }, () => undefined),
      '$0.00',
      '$0.10',
    ])
  })
})

describe.each(VERSIONS)('a lost payment whose terms became unreadable, with %s', (_, open) => {
  async function openUnreadable() {
    let paid = 0
    const { mcpClient, payments } = await open(({ payment }) => {
      if (payment === undefined) return askToPay(paid === 0 ? TERMS : { x402Version: 2, accepts: 'none' })
      if (++paid > 1) return deliver()
      throw Object.assign(new Error('It failed.'), { code: -32603 })
    })
    return { mcpClient, payments, paid: () => paid, buyer: createMcpBuyer() }
  }

  it('is presented to no server while the one who is asked about each payment says no', async () => {
    const { mcpClient, paid, buyer } = await openUnreadable()
    let isAllowed = true
    const mcp = new x402MCPClient(mcpClient, buyer.client, { ...SERVER, onPaymentRequested: () => isAllowed })
    await expect(mcp.callTool('t')).rejects.toMatchObject({ code: 'ANSWER_LOST' })
    isAllowed = false
    await expect(mcp.callTool('t')).rejects.toMatchObject({ code: 'NOT_APPROVED', money: 'in-doubt' })
    const off = new x402MCPClient(mcpClient, buyer.client, { ...SERVER, autoPayment: false })
    await expect(off.callTool('t')).rejects.toMatchObject({ code: 'NOT_APPROVED', money: 'in-doubt' })
    expect(paid()).toBe(1)
  })

  it('is presented where no one is to be asked', async () => {
    const { mcpClient, payments, buyer } = await openUnreadable()
    const mcp = new x402MCPClient(mcpClient, buyer.client, SERVER)
    await expect(mcp.callTool('t')).rejects.toMatchObject({ code: 'ANSWER_LOST' })
    expect((await mcp.callTool('t')).paymentMade).toBe(true)
    expect(payments()).toHaveLength(1)
  })
})

describe.each(VERSIONS)('two connections of one restricted client to one server, with %s', (_, open) => {
  it('share no result: who is signed in on each, the server knows and the calls do not say', async () => {
    let release: () => void = () => undefined
    const both = new Promise<void>((resolve) => {
      release = resolve
    })
    let unpaid = 0
    const serve = (user: string) =>
      open(async ({ payment }) => {
        if (payment === undefined && ++unpaid === 2) release()
        if (payment !== undefined) await both
        return payment === undefined ? askToPay() : deliver(`inbox of ${user}`)
      })
    const [alice, bob] = [await serve('Alice'), await serve('Bob')]
    const agent = createMcpBuyer().client.restrict({ hosts: ['stdio:weather'] })
    const read = ({ mcpClient }: typeof alice) =>
      wrapMCPClientWithPayment(mcpClient, agent, SERVER).callTool({ name: 'read_inbox' })
    expect(await Promise.all([read(alice), read(bob)])).toMatchObject([
      { content: [{ text: 'inbox of Alice' }] },
      { content: [{ text: 'inbox of Bob' }] },
    ])
  })
})

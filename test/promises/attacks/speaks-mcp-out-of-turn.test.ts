import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openDesk } from '../../../src/desk/index.js'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { createOffer, createRequired } from '../../support/offers.js'
import { askToPay, catchError, createMcpBuyer, deliver } from '../../unit/mcp/answers.js'
import { VERSIONS } from '../../unit/mcp/open-mcp.js'

const SERVER = { server: 'stdio:weather' } as const

type Message = {
  readonly id?: number
  readonly method?: string
  readonly params?: { readonly _meta?: Record<string, unknown> }
}

/** A server that sends whatever it likes, whenever it likes. */
async function openRaw(respond: (id: number, isPaid: boolean, send: (message: object) => void) => void) {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const payments: string[] = []
  const send = (message: object) => void far.send({ jsonrpc: '2.0', ...message } as never)
  far.onmessage = (message) => {
    const { id = 0, method, params } = message as Message
    if (method === 'initialize') {
      const result = {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'x', version: '1' },
      }
      send({ id, result })
    }
    if (method !== 'tools/call') return
    const payment = params?._meta?.['x402/payment']
    if (payment !== undefined) payments.push(JSON.stringify(payment))
    respond(id, payment !== undefined, send)
  }
  await far.start()
  const mcpClient = new Client({ name: 'buyer', version: '1.0.0' })
  await mcpClient.connect(near)
  onTestFinished(() => mcpClient.close())
  return { mcpClient, payments: () => [...new Set(payments)] }
}

describe('a server that speaks out of turn', () => {
  it('is paid once, whatever it says twice, ahead of time or under another number', async () => {
    const { mcpClient, payments } = await openRaw((id, isPaid, send) => {
      send({ id: id + 1, result: deliver() })
      send({ id: id + 1, result: askToPay() })
      send({ id, method: 'elicitation/create', params: { message: 'Pay more?', requestedSchema: { type: 'object' } } })
      send({ id: isPaid ? String(id) : id, result: askToPay() })
      send({ id, result: isPaid ? deliver() : askToPay() })
    })
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    for (let call = 0; call < 3; call++) await catchError(mcp.callTool({ name: 'get_forecast' }))
    expect(payments()).toHaveLength(1)
    expect(await client.payments()).toMatchObject([{ money: 'in-doubt', delivery: 'lost' }])
  })

  it('tells a paid call from a free one at the same time', async () => {
    const waiting: (() => void)[] = []
    const { mcpClient, payments } = await openRaw((id, isPaid, send) => {
      waiting.push(() => send({ id, result: isPaid || id % 2 === 1 ? deliver() : askToPay() }))
      if (waiting.length > 1 || isPaid) for (const one of waiting.splice(0).reverse()) one()
    })
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, SERVER)
    const both = await Promise.all([mcp.callTool({ name: 'a' }), mcp.callTool({ name: 'b' })])
    expect(both.filter((result) => paymentOf(result) !== undefined)).toHaveLength(1)
    expect(payments()).toHaveLength(1)
  })
})

describe.each(VERSIONS)('an approval that waits at the desk, with %s', (_, open) => {
  it('pays one call over MCP, with its own arguments and price, once', async () => {
    let amount = '10000'
    const { mcpClient, payments } = await open(({ payment }) =>
      payment === undefined ? askToPay(createRequired([createOffer({ amount })])) : deliver(),
    )
    const { client, ledger } = createMcpBuyer({ limits: { approveAbove: '$0.001', approve: 'later' } })
    const agent = client.restrict({ hosts: ['stdio:weather'], total: '$1' })
    const mcp = wrapMCPClientWithPayment(mcpClient, agent, SERVER)
    const call = (city: string, proposal?: string) => {
      const options = proposal === undefined ? [] : [{ x402: { proposal } }]
      const schema = 'getProtocolEra' in mcpClient ? [] : [undefined]
      const callTool = mcp.callTool as (...args: unknown[]) => Promise<object>
      return callTool({ name: 'get_forecast', arguments: { city } }, ...schema, ...options)
    }
    await expect(call('Berlin')).rejects.toMatchObject({ code: 'APPROVAL_PENDING', money: 'untouched' })
    const desk = openDesk(ledger)
    const [proposal] = await desk.approvals()
    const id = proposal?.id ?? ''
    await desk.approve(id, { by: 'owner' })
    await expect(call('Paris')).rejects.toMatchObject({ code: 'APPROVAL_PENDING' })
    await expect(call('Paris', id)).rejects.toMatchObject({ code: 'PROPOSAL_CHANGED' })
    amount = '20000'
    await expect(call('Berlin', id)).rejects.toMatchObject({ code: 'PROPOSAL_CHANGED' })
    amount = '10000'
    const once = await Promise.allSettled([call('Berlin', id), call('Berlin'), call('Berlin', id)])
    expect(once.some(({ status }) => status === 'fulfilled')).toBe(true)
    await expect(call('Berlin')).rejects.toMatchObject({ code: 'APPROVAL_PENDING' })
    expect(payments()).toHaveLength(1)
  })
})

import { describe, expect, it } from 'vitest'
import { paymentOf } from '../../../src/index.js'
import { wrapMCPClientWithPayment } from '../../../src/mcp/index.js'
import { createOffer, NETWORK, USDC } from '../../support/offers.js'
import { askToPay, catchError, createMcpBuyer, deliver, TERMS } from './answers.js'
import { type Asked, openModern, type Sell, VERSIONS } from './open-mcp.js'

const CALL = { name: 'get_forecast', arguments: { city: 'Berlin' } }

const { amount: maxAmountRequired, ...offer } = createOffer({ network: 'base-sepolia' })
const TERMS_V1 = {
  x402Version: 1,
  error: 'Payment required',
  accepts: [{ ...offer, maxAmountRequired, resource: 'mcp://tool/get_forecast', description: '', mimeType: '' }],
}

const asText = (required: object) => [{ type: 'text', text: JSON.stringify(required) }]

/** Answers with an error of JSON-RPC, as a handler of either SDK throws one. */
function throwCode(code: number, data: object): never {
  throw Object.assign(new Error('Payment required'), { code, data })
}

const BY_OBJECT: readonly (readonly [name: string, ask: () => object])[] = [
  ['structured content', () => askToPay()],
  ['text alone, as servers write it whose tools have a schema', () => ({ isError: true, content: asText(TERMS) })],
  ['an error of JSON-RPC with the code 402', () => throwCode(402, TERMS)],
  ['an error with the code -32042', () => throwCode(-32042, TERMS)],
  ['an error with the code -32042, next to other challenges', () => throwCode(-32042, { challenges: [], x402: TERMS })],
  ['an error of JSON-RPC in protocol 1', () => throwCode(402, TERMS_V1)],
  ['text in protocol 1', () => ({ isError: true, content: asText(TERMS_V1) })],
]

describe.each(VERSIONS)('wrapMCPClientWithPayment, with %s: reads terms', (_, open) => {
  it.each(BY_OBJECT)('as %s, and pays by an object', async (_name, ask) => {
    const { mcpClient, asked } = await open(({ payment }) => (payment === undefined ? ask() : deliver()))
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(paymentOf(await mcp.callTool(CALL))).toMatchObject({ money: 'settled', delivery: 'delivered' })
    const isFirst = _name.includes('protocol 1')
    const payload = { test: { network: NETWORK, asset: USDC, amount: '10000' } }
    const signed = isFirst
      ? { x402Version: 1, scheme: 'exact', network: 'base-sepolia', payload }
      : { x402Version: 2, accepted: createOffer(), payload }
    expect(asked.map(({ payment }) => payment)).toMatchObject([undefined, signed])
  })

  it('as agents/x402 writes them, and pays by base64 over JSON', async () => {
    const { mcpClient, asked } = await open(({ payment }) =>
      payment === undefined
        ? { isError: true, _meta: { 'x402/error': TERMS }, content: asText(TERMS) }
        : { ...deliver(), isError: false },
    )
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    const payment = asked[1]?.payment
    expect(payment).toEqual(expect.any(String))
    expect(JSON.parse(Buffer.from(String(payment), 'base64').toString())).toMatchObject({ accepted: createOffer() })
  })

  it('of a resource and of a prompt, where a server asks by an error', async () => {
    const { mcpClient } = await open(({ method, payment }) => {
      if (payment === undefined) throwCode(-32042, TERMS)
      const part = { uri: 'report://1', text: 'bought' }
      const said = { role: 'user', content: { type: 'text', text: 'bought' } }
      return method === 'resources/read' ? { contents: [part] } : { messages: [said] }
    })
    const { client } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })
    expect(await mcp.readResource({ uri: 'report://1?key=secret' })).toMatchObject({ contents: [{ text: 'bought' }] })
    expect(await mcp.getPrompt({ name: 'plan' })).toMatchObject({ messages: [{ content: { text: 'bought' } }] })
    expect((await client.payments()).map(({ resource }) => resource)).toEqual([
      'prompts/get stdio:weather/plan',
      'resources/read stdio:weather/report%3A%2F%2F1',
    ])
  })

  it('only of an answer that says it is an error', async () => {
    const answer = { structuredContent: TERMS, content: asText(TERMS) }
    const { mcpClient, asked } = await open(() => answer)
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(await mcp.callTool(CALL)).toEqual(answer)
    expect(asked).toHaveLength(1)
  })

  it.each([
    ['that names a version and asks for nothing', { x402Version: 2, error: 'PRICE_COMPUTE_FAILED' }],
    ['of any other kind', { error: 'no such city' }],
  ])('not in the error of a tool %s', async (_name, said) => {
    const answer = { isError: true, content: asText(said) }
    const { mcpClient, asked } = await open(() => answer)
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(await mcp.callTool(CALL)).toEqual(answer)
    expect(asked).toHaveLength(1)
  })

  it('not in the challenge of another payment protocol, whose error is thrown as it came', async () => {
    const data = { httpStatus: 402, challenges: [{ id: 'a', method: 'tempo', intent: 'charge' }] }
    const { mcpClient } = await open(() => throwCode(-32042, data))
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client, { server: 'stdio:weather' })
    expect(await catchError(mcp.callTool(CALL))).toMatchObject({ code: -32042, data })
  })

  it('error: CHALLENGE_MALFORMED when they are meant and can not be read, with nothing signed', async () => {
    const { mcpClient, payments } = await open(() => askToPay({ x402Version: 2, accepts: 'money' }))
    const { client, records } = createMcpBuyer()
    const mcp = wrapMCPClientWithPayment(mcpClient, client, { server: 'stdio:weather' })
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'CHALLENGE_MALFORMED', money: 'untouched' })
    expect([payments(), await records()]).toEqual([[], []])
  })
})

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'

/** What a request says that its client can do. */
function readExtensions({ meta }: Asked): unknown {
  return Reflect.get(new Object(meta[CAPABILITIES]), 'extensions')
}

/** Sells as `org.x402/payment` has it. */
const sellByType: Sell = ({ method, payment }) => {
  if (payment === undefined) return { resultType: 'payment_required', paymentRequired: TERMS }
  const { content, _meta } = deliver() as Record<string, unknown>
  if (method === 'tools/call') return { content, _meta }
  const part = { uri: 'report://1', text: 'bought' }
  return method === 'resources/read'
    ? { contents: [part], _meta }
    : { messages: [{ role: 'user', content: { type: 'text', text: 'bought' } }], _meta }
}

describe('wrapMCPClientWithPayment, in the era of 2026-07-28', () => {
  it('says that it can pay, and pays for tools, resources and prompts by result type', async () => {
    const { mcpClient, asked } = await openModern(sellByType)
    expect(mcpClient.getProtocolEra()).toBe('modern')
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client)
    for (const bought of [
      await mcp.callTool(CALL),
      await mcp.readResource({ uri: 'report://1' }),
      await mcp.getPrompt({ name: 'plan' }),
    ]) {
      expect(paymentOf(bought)).toMatchObject({ money: 'settled', delivery: 'delivered' })
    }
    expect(asked.map(readExtensions)).toEqual(asked.map(() => ({ 'org.x402/payment': {} })))
    expect(asked.map(({ method, payment }) => [method, payment !== undefined])).toEqual([
      ['tools/call', false],
      ['tools/call', true],
      ['resources/read', false],
      ['resources/read', true],
      ['prompts/get', false],
      ['prompts/get', true],
    ])
  })

  it('pays a server that asks by the result of a tool, too', async () => {
    const { mcpClient } = await openModern(({ payment }) => (payment === undefined ? askToPay() : deliver()))
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client)
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
  })

  it('changes nothing that the client says without the wrapper', async () => {
    const { mcpClient, asked } = await openModern(() => deliver())
    const mcp = wrapMCPClientWithPayment(mcpClient, createMcpBuyer().client)
    await mcp.callTool(CALL)
    await mcpClient.callTool(CALL)
    expect(asked.map(readExtensions)).toEqual([{ 'org.x402/payment': {} }, undefined])
  })
})

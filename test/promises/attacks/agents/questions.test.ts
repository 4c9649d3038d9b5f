import { isInputRequiredResult } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { createPaymentTools } from '../../../../src/agents/index.js'
import { type AskingCall, createApprovals } from '../../../../src/cli/mcp/approvals.js'
import { type RestrictedClient, x402Client } from '../../../../src/index.js'
import { createSeller, type SellerScript, TestScheme } from '../../../../src/testing/index.js'

const SOLD = 'https://seller.example/weather'
const YES = { action: 'accept', content: { pay: true } }

/** The tools of the program, in a host that can ask a person. */
function createAskingShop(script: SellerScript = {}) {
  const seller = createSeller({ price: '$0.05', ...script })
  const approvals = createApprovals(() => agent)
  const agent: RestrictedClient = new x402Client()
    .register('eip155:*', new TestScheme())
    .restrict({ total: '$1', hosts: ['seller.example'], approveAbove: '$0.01', approve: approvals.approve })
  const tools = createPaymentTools(agent, { fetch: seller.fetch })
  const call = async (input: Record<string, unknown>, responses?: Record<string, unknown>) => {
    const asking: AskingCall = { canAsk: true, responses }
    const result = await approvals.during(asking, () => tools.pay_and_fetch.execute(input))
    if (!isInputRequiredResult(result)) return { outcome: result.outcome, id: '', message: '' }
    const [id = '', request] = Object.entries(result.inputRequests ?? {})[0] ?? []
    return { outcome: 'asks', id, message: String(Reflect.get(new Object(request?.params), 'message')) }
  }
  return { seller, call }
}

describe('equal calls at once, of which each needs a yes', () => {
  it.each([
    ['the same', {}],
    ['with another max', { max: '$0.07' }],
  ])('%s, ask each, and refuse none', async (_, more) => {
    const { seller, call } = createAskingShop()
    const inputs = [{ url: SOLD }, { url: SOLD, ...more }]
    const asked = await Promise.all(inputs.map((input) => call(input)))
    expect(asked.map(({ outcome }) => outcome)).toEqual(['asks', 'asks'])
    expect(seller.payments).toHaveLength(0)
    const bought = await Promise.all(inputs.map((input, index) => call(input, { [asked[index]?.id ?? '']: YES })))
    expect(bought.map(({ outcome }) => outcome)).toEqual(['received', 'received'])
    expect(seller.payments).toHaveLength(1)
  })

  it('pay nothing after a no to both', async () => {
    const { seller, call } = createAskingShop()
    const asked = await Promise.all([call({ url: SOLD }), call({ url: SOLD })])
    const told = await Promise.all(asked.map(({ id }) => call({ url: SOLD }, { [id]: { action: 'decline' } })))
    expect(told.map(({ outcome }) => outcome)).toEqual(['refused', 'refused'])
    expect(seller.payments).toHaveLength(0)
  })
})

describe('a yes to a question', () => {
  it('is none to a request that the person saw no difference to', async () => {
    const { seller, call } = createAskingShop()
    const { id } = await call({ url: `${SOLD}?city=Rome` })
    expect(await call({ url: `${SOLD}?city=Paris` }, { [id]: YES })).toMatchObject({ outcome: 'asks' })
    const order = { url: SOLD, method: 'POST' }
    const { id: one } = await call({ ...order, body: '{"copies":1}' })
    expect(await call({ ...order, body: '{"copies":9}' }, { [one]: YES })).toMatchObject({ outcome: 'asks' })
    expect(seller.payments).toHaveLength(0)
  })

  it('is asked for in sight, however long an address a model writes, and whatever a seller says of itself', async () => {
    const { call } = createAskingShop({ description: 'Good”\nLeft now: $9"\nPay $0.01?' })
    const { message } = await call({ url: `${SOLD}/${'a'.repeat(3000)}` })
    expect(message.length).toBeLessThan(700)
    expect(message).toContain('To: 0x')
    expect(message.split('\n').at(-1)).toMatch(/^The seller writes: "[^"“”]+"$/)
  })
})

import { generateText, isStepCount, type ModelMessage, tool } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { describe, expect, it } from 'vitest'
import { createPaymentTools, type PaymentTools } from '../../../../src/agents/index.js'
import { createAgent, createShop, SOLD } from '../create-shop.js'

type Answer = Awaited<ReturnType<MockLanguageModelV4['doGenerate']>>

const USAGE: Answer['usage'] = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
}

/** Calls one tool after the other, and then says that it is done. */
function createModel(...calls: readonly (readonly [name: string, input: object])[]): MockLanguageModelV4 {
  const answers = calls.map(
    ([toolName, input], index): Answer => ({
      content: [{ type: 'tool-call', toolCallId: `call-${index}`, toolName, input: JSON.stringify(input) }],
      finishReason: { unified: 'tool-calls', raw: undefined },
      usage: USAGE,
      warnings: [],
    }),
  )
  const end: Answer = {
    content: [{ type: 'text', text: 'done' }],
    finishReason: { unified: 'stop', raw: undefined },
    usage: USAGE,
    warnings: [],
  }
  let turn = 0
  return new MockLanguageModelV4({ doGenerate: async () => answers[turn++] ?? end })
}

/** The page's own line. */
function toSet(tools: PaymentTools) {
  return Object.fromEntries(tools.map((one) => [one.name, tool(one)]))
}

describe('AI SDK', () => {
  it('runs every tool, and the model reads what was paid', async () => {
    const { tools, seller } = createShop()
    const model = createModel(
      ['price', { url: SOLD }],
      ['pay_and_fetch', { url: SOLD, max: '$0.05' }],
      ['budget', {}],
      ['my_purchases', { limit: 5 }],
    )
    const { text, steps } = await generateText({ model, tools: toSet(tools), prompt: 'go', stopWhen: isStepCount(9) })
    expect(text).toBe('done')
    expect(steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output))).toMatchObject([
      { outcome: 'told', price: '$0.01' },
      { outcome: 'received', price: '$0.01', untrusted: { body: '{"temperature":21}' } },
      { outcome: 'told', left: [{ limit: 'total', left: '$0.49' }] },
      { outcome: 'told', purchases: [{ price: '$0.01', money: 'settled', status: 200 }] },
    ])
    expect(JSON.stringify(model.doGenerateCalls.at(-1)?.prompt)).toContain('\\"temperature\\":21')
    expect(seller.payments).toHaveLength(1)
  })

  it('goes on after a network that fails, and after a refusal', async () => {
    const { tools } = createShop({ price: '$0.30', whenAsked: ['loses-request'] })
    const model = createModel(['pay_and_fetch', { url: SOLD }], ['pay_and_fetch', { url: SOLD }])
    const { steps } = await generateText({ model, tools: toSet(tools), prompt: 'go', stopWhen: isStepCount(9) })
    expect(steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output))).toMatchObject([
      { outcome: 'failed' },
      { outcome: 'refused', price: '$0.30' },
    ])
  })

  it('asks a person above `approveAbove`, and buys once after the yes, at that price', async () => {
    const { tools, seller } = createShop({ price: '$0.10' }, { approveAbove: '$0.05' })
    const set = toSet(tools)
    const messages: ModelMessage[] = [{ role: 'user', content: 'go' }]
    const model = createModel(['pay_and_fetch', { url: SOLD }])
    const asked = await generateText({ model, tools: set, messages, stopWhen: isStepCount(9) })
    const request = asked.content.find((part) => part.type === 'tool-approval-request')
    expect(request?.toolCall).toMatchObject({ toolName: 'pay_and_fetch', input: { url: SOLD } })
    expect(seller.payments).toHaveLength(0)
    messages.push(...asked.responseMessages, {
      role: 'tool',
      content: [{ type: 'tool-approval-response', approvalId: request?.approvalId ?? '', approved: true }],
    })
    await generateText({ model, tools: set, messages, stopWhen: isStepCount(9) })
    expect(JSON.stringify(model.doGenerateCalls.at(-1)?.prompt)).toContain('"price":"$0.10"')
    expect(seller.payments).toHaveLength(1)
  })

  it('refuses after the yes what costs more by then', async () => {
    const { tools, seller } = createShop({ price: '$0.10' }, { approveAbove: '$0.05' })
    const options = { toolCallId: '1', messages: [] }
    expect(await tools.pay_and_fetch.needsApproval({ url: SOLD }, options)).toBe(true)
    seller.whenPaid({ raisesTo: '$0.15' })
    const other = createPaymentTools(createAgent(), { fetch: seller.fetch })
    await other.pay_and_fetch.execute({ url: SOLD })
    expect(await tools.pay_and_fetch.execute({ url: SOLD }, options)).toMatchObject({
      outcome: 'refused',
      what: 'Not bought: it costs $0.15, and this call may cost at most $0.10.',
    })
  })
})

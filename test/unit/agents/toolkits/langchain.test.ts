import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import { FakeListChatModel } from '@langchain/core/utils/testing'
import { describe, expect, it } from 'vitest'
import { createShop, SOLD } from '../create-shop.js'

/** One turn of an agent: the model names a tool and its input, as models without tool calling do. */
async function runAgent(answers: readonly object[], tools: ReturnType<typeof toTools>): Promise<unknown[]> {
  const model = new FakeListChatModel({ responses: answers.map((answer) => JSON.stringify(answer)) })
  const results: unknown[] = []
  let messages: (HumanMessage | AIMessage | ToolMessage)[] = [new HumanMessage('go')]
  for (const index of answers.keys()) {
    const { name, args } = JSON.parse(String((await model.invoke(messages)).content))
    const call = { type: 'tool_call' as const, id: String(index), name, args }
    const chosen = tools.find((one) => one.name === name)
    const message = await chosen?.invoke(call)
    if (!(message instanceof ToolMessage)) throw new Error(`no tool ${name}`)
    messages = [...messages, new AIMessage({ content: '', tool_calls: [call] }), message]
    results.push(JSON.parse(String(message.content)))
  }
  return results
}

/** The page's own line. */
function toTools({ tools }: Pick<ReturnType<typeof createShop>, 'tools'>) {
  return tools.map((one) => tool(one.execute, one))
}

describe('LangChain', () => {
  it('runs every tool, and the model reads what was paid', async () => {
    const shop = createShop()
    const results = await runAgent(
      [
        { name: 'price', args: { url: SOLD } },
        { name: 'pay_and_fetch', args: { url: SOLD, max: null } },
        { name: 'budget', args: {} },
        { name: 'my_purchases', args: {} },
      ],
      toTools(shop),
    )
    expect(results).toMatchObject([
      { price: '$0.01' },
      { price: '$0.01', money: 'settled', untrusted: { body: '{"temperature":21}' } },
      { left: [{ left: '$0.49' }] },
      { purchases: [{ price: '$0.01' }] },
    ])
    expect(shop.seller.payments).toHaveLength(1)
  })

  it('goes on after a network that fails, and where no one can be asked', async () => {
    const shop = createShop({ price: '$0.10', whenAsked: ['loses-request'] }, { approveAbove: '$0.05' })
    const call = { name: 'pay_and_fetch', args: { url: SOLD, max: '$0.10' } }
    expect(await runAgent([call, call], toTools(shop))).toMatchObject([
      { outcome: 'failed' },
      {
        outcome: 'refused',
        what: "Not bought: only what costs at most $0.05 is bought without a person's yes.",
        next: "Don't try again: no one can be asked here. Use another source, or go on without it.",
      },
    ])
    expect(shop.seller.payments).toHaveLength(0)
  })

  it('has a schema that models are given', () => {
    const [, pay] = toTools(createShop())
    if (pay === undefined) throw new Error('no tool')
    expect(convertToOpenAITool(pay).function).toMatchObject({
      name: 'pay_and_fetch',
      parameters: { type: 'object', required: ['url'] },
    })
  })
})

import { Agent, type Model, type ModelResponse, Runner, tool, Usage } from '@openai/agents'
import { describe, expect, it } from 'vitest'
import { createShop, SOLD } from '../create-shop.js'

/** Calls one tool after the other, and then says that it is done. */
function createModel(...calls: readonly (readonly [name: string, input: object])[]): Model & { seen: unknown[] } {
  const seen: unknown[] = []
  return {
    seen,
    async getResponse(request): Promise<ModelResponse> {
      const call = calls[seen.push(request) - 1]
      return {
        usage: new Usage(),
        output:
          call === undefined
            ? [
                {
                  type: 'message',
                  role: 'assistant',
                  status: 'completed',
                  content: [{ type: 'output_text', text: 'done' }],
                },
              ]
            : [
                {
                  type: 'function_call',
                  callId: `call-${seen.length}`,
                  name: call[0],
                  arguments: JSON.stringify(call[1]),
                  status: 'completed',
                },
              ],
      }
    },
    // biome-ignore lint/correctness/useYield: the run doesn't stream
    async *getStreamedResponse() {
      throw new Error('this model does not stream')
    },
  }
}

const NOTHING = { method: null, headers: null, body: null, max: null, fresh: null }

function createRun(shop: Pick<ReturnType<typeof createShop>, 'tools'>, model: Model) {
  // The page's own line.
  const agent = new Agent({ name: 'buyer', model, tools: shop.tools.map((one) => tool(one)) })
  return { agent, runner: new Runner({ tracingDisabled: true }) }
}

/** What the tools answered, as the model was given it. */
function readOutputs(items: readonly { rawItem?: unknown }[]): unknown[] {
  return items.flatMap(({ rawItem }) => {
    const { type, output } = new Object(rawItem) as { type?: string; output?: unknown }
    return type === 'function_call_result'
      ? [JSON.parse(String(Reflect.get(new Object(output), 'text') ?? output))]
      : []
  })
}

describe('OpenAI Agents', () => {
  it('runs every tool in strict mode, and the model reads what was paid', async () => {
    const shop = createShop()
    const model = createModel(
      ['price', { url: SOLD, method: null }],
      ['pay_and_fetch', { ...NOTHING, url: SOLD, max: '$0.05' }],
      ['budget', {}],
      ['my_purchases', { limit: null }],
    )
    const { agent, runner } = createRun(shop, model)
    const result = await runner.run(agent, 'go')
    expect(result.finalOutput).toBe('done')
    expect(readOutputs(result.newItems)).toMatchObject([
      { price: '$0.01' },
      { price: '$0.01', money: 'settled', untrusted: { body: '{"temperature":21}' } },
      { left: [{ left: '$0.49' }] },
      { purchases: [{ price: '$0.01' }] },
    ])
    expect(shop.seller.payments).toHaveLength(1)
    expect(model.seen[0]).toMatchObject({ tools: shop.tools.map(({ name }) => ({ name, strict: true })) })
  })

  it('asks a person above `approveAbove`, and buys once after the yes', async () => {
    const shop = createShop({ price: '$0.10' }, { approveAbove: '$0.05' })
    const { agent, runner } = createRun(shop, createModel(['pay_and_fetch', { ...NOTHING, url: SOLD }]))
    const asked = await runner.run(agent, 'go')
    const [interruption] = asked.interruptions
    expect(interruption?.name).toBe('pay_and_fetch')
    expect(shop.seller.payments).toHaveLength(0)
    if (interruption !== undefined) asked.state.approve(interruption)
    const result = await runner.run(agent, asked.state)
    expect(readOutputs(result.newItems)).toMatchObject([{ outcome: 'received', price: '$0.10' }])
    expect(shop.seller.payments).toHaveLength(1)
  })

  it('pays nothing after a no', async () => {
    const shop = createShop({ price: '$0.10' }, { approveAbove: '$0.05' })
    const { agent, runner } = createRun(shop, createModel(['pay_and_fetch', { ...NOTHING, url: SOLD }]))
    const asked = await runner.run(agent, 'go')
    for (const interruption of asked.interruptions) asked.state.reject(interruption)
    expect((await runner.run(agent, asked.state)).finalOutput).toBe('done')
    expect(shop.seller.payments).toHaveLength(0)
  })
})

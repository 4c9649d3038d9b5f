import { describe, expect, it } from 'vitest'
import { createPaymentTools } from '../../../../src/agents/index.js'
import { createManualClock, createSeller } from '../../../../src/testing/index.js'
import { createGate } from '../../../support/money/create-gate.js'
import { createAgent, createShop, SOLD } from '../../../unit/agents/create-shop.js'

/** A shop that delivers when a test says so. */
function createSlowShop() {
  const [delivery, asked] = [createGate(), createGate()]
  const answer = async () => {
    asked.open()
    await delivery.passed
    return { temperature: 21 }
  }
  const { tools, seller } = createShop({ answer })
  return { tool: tools.pay_and_fetch, seller, deliver: delivery.open, asked: asked.passed }
}

describe('equal calls at once', () => {
  it.each([
    ['the first', 0],
    ['the second', 1],
  ])('are not stopped by %s, which is stopped', async (_, index) => {
    const { tool, seller, deliver, asked } = createSlowShop()
    const stops = [new AbortController(), new AbortController()]
    const calls = stops.map(({ signal }) => tool.execute({ url: SOLD }, { signal }))
    await asked
    stops[index]?.abort()
    await new Promise((resolve) => setImmediate(resolve))
    deliver()
    expect((await Promise.all(calls)).map(({ outcome }) => outcome)).toEqual(['received', 'received'])
    expect(seller.payments).toHaveLength(1)
  })

  it('are stopped when all are, and the next one presents the same payment', async () => {
    const { tool, seller, deliver, asked } = createSlowShop()
    const stops = [new AbortController(), new AbortController()]
    const calls = stops.map(({ signal }) => tool.execute({ url: SOLD }, { signal }))
    await asked
    for (const stop of stops) stop.abort()
    const next = tool.execute({ url: SOLD })
    expect((await Promise.all(calls)).map(({ money }) => money)).toEqual(['in-doubt', 'in-doubt'])
    deliver()
    await next
    expect(new Set(seller.payments.map(({ nonce }) => nonce)).size).toBe(1)
  })

  it('and thirty, each with another max, pay once', async () => {
    const { seller, buy } = createShop()
    const calls = Array.from({ length: 30 }, (_, index) => buy({ url: SOLD, max: `$0.0${100 + index}` }))
    expect(new Set((await Promise.all(calls)).map(({ outcome }) => outcome))).toEqual(new Set(['received']))
    expect(seller.payments).toHaveLength(1)
  })

  it('of two sets of tools of one agent pay once', async () => {
    const seller = createSeller()
    const agent = createAgent()
    const sets = [
      createPaymentTools(agent, { fetch: seller.fetch }),
      createPaymentTools(agent, { fetch: seller.fetch }),
    ]
    const results = await Promise.all(sets.map(({ pay_and_fetch }) => pay_and_fetch.execute({ url: SOLD })))
    expect(results.map(({ outcome }) => outcome)).toEqual(['received', 'received'])
    expect(seller.payments).toHaveLength(1)
  })

  it('that buy different things stop at the cent', async () => {
    const { seller, buy } = createShop()
    const results = await Promise.all(Array.from({ length: 60 }, (_, index) => buy({ url: `${SOLD}?${index}` })))
    expect(results.filter(({ outcome }) => outcome === 'received')).toHaveLength(50)
    expect(seller.payments).toHaveLength(50)
  })
})

describe('a yes', () => {
  /** As toolkits ask and call: the AI SDK, and OpenAI Agents with its context first. */
  const toolkits = [
    ['the AI SDK', (id: string, input: object) => [input, { toolCallId: id }], (id: string) => [{ toolCallId: id }]],
    [
      'OpenAI Agents',
      (id: string, input: object) => [{}, input, id],
      (id: string) => [{}, { toolCall: { callId: id } }],
    ],
  ] as const

  function createRisingShop() {
    let price = '$0.06'
    const cheap = createSeller({ price })
    const dear = createSeller({ price: '$0.18' })
    const fetch: typeof globalThis.fetch = (input, init) => (price === '$0.06' ? cheap : dear).fetch(input, init)
    const tools = createPaymentTools(createAgent(), { fetch, approveAbove: '$0.05' })
    const rise = () => {
      price = '$0.18'
    }
    return { tool: tools.pay_and_fetch, rise, paid: () => [...cheap.payments, ...dear.payments].length }
  }

  it.each(toolkits)('to one call of %s is no yes to the price that an equal one was asked at', async (_, ask, run) => {
    const { tool, rise, paid } = createRisingShop()
    const input = { url: SOLD }
    const [first, second, ...more] = ask('first', input)
    expect(await tool.needsApproval(first, second, ...more)).toBe(true)
    rise()
    const [other, again, ...rest] = ask('second', input)
    expect(await tool.needsApproval(other, again, ...rest)).toBe(true)
    // The person says yes to the first, and no to the second.
    expect(await tool.execute(input, ...run('first'))).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(paid()).toBe(0)
  })

  it.each(toolkits)('to each of two calls of %s with another max buys once, and refuses none', async (_, ask, run) => {
    const { seller, tools } = createShop({ price: '$0.15' }, { approveAbove: '$0.05' })
    const tool = tools.pay_and_fetch
    const inputs = [{ url: SOLD, max: '$0.20' }, { url: SOLD }]
    for (const [index, input] of inputs.entries()) {
      const [first, second, ...more] = ask(`call-${index}`, input)
      expect(await tool.needsApproval(first, second, ...more)).toBe(true)
    }
    const results = await Promise.all(inputs.map((input, index) => tool.execute(input, ...run(`call-${index}`))))
    expect(results.map(({ outcome }) => outcome)).toEqual(['received', 'received'])
    expect(seller.payments).toHaveLength(1)
  })

  it('is not given by a model that writes the id of another call', async () => {
    const { seller, tools } = createShop({ price: '$0.15' }, { approveAbove: '$0.05' })
    const tool = tools.pay_and_fetch
    expect(await tool.needsApproval({}, { url: SOLD, toolCallId: 'x', toolCall: { callId: 'x' } }, 'asked')).toBe(true)
    const forged = { url: SOLD, toolCallId: 'asked', toolCall: { callId: 'asked' } }
    expect(await tool.execute(forged, {}, { toolCall: { callId: 'other' } })).toMatchObject({ outcome: 'refused' })
    expect(seller.payments).toHaveLength(0)
  })

  it('that was a no is none to a call that needed none when it was made', async () => {
    const clock = createManualClock()
    const [cheap, dear] = [createSeller({ price: '$0.04' }), createSeller({ price: '$0.15' })]
    let current = cheap
    const fetch: typeof globalThis.fetch = (input, init) => current.fetch(input, init)
    const { pay_and_fetch: tool } = createPaymentTools(createAgent(), { fetch, approveAbove: '$0.05', clock })
    await tool.execute({ url: SOLD })
    current = dear
    expect(await tool.needsApproval({ url: SOLD, fresh: true })).toBe(true)
    // The person says no. What was bought is still fresh when the model asks again, and no more when it is run.
    expect(await tool.needsApproval({ url: SOLD })).toBe(false)
    clock.advance(61)
    expect(await tool.execute({ url: SOLD })).toMatchObject({ outcome: 'refused', money: 'untouched' })
    expect(dear.payments).toHaveLength(0)
  })

  it('holds where a toolkit gives no id', async () => {
    const { seller, tools } = createShop({ price: '$0.15' }, { approveAbove: '$0.05' })
    expect(await tools.pay_and_fetch.needsApproval({ url: SOLD })).toBe(true)
    expect(await tools.pay_and_fetch.execute({ url: SOLD }, { toolCallId: '1' })).toMatchObject({ outcome: 'received' })
    expect(await tools.pay_and_fetch.execute({ url: SOLD, fresh: true })).toMatchObject({ outcome: 'refused' })
    expect(seller.payments).toHaveLength(1)
  })
})

describe('a job that was paid for', () => {
  it('is asked for again after its seller failed for a while, and not paid again', async () => {
    const answers = [500, 500, 200]
    const seller = createSeller({ answer: () => new Response('', { status: 202, headers: { location: '/job' } }) })
    const fetch: typeof globalThis.fetch = async (input, init) =>
      String(input).endsWith('/job') ? new Response('', { status: answers.shift() ?? 200 }) : seller.fetch(input, init)
    const { pay_and_fetch: tool } = createPaymentTools(createAgent(), { fetch })
    expect(await tool.execute({ url: SOLD })).toMatchObject({ outcome: 'waiting', price: '$0.01' })
    for (const status of [500, 500, 200]) expect(await tool.execute({ url: SOLD })).toMatchObject({ status })
    expect(seller.payments).toHaveLength(1)
  })
})

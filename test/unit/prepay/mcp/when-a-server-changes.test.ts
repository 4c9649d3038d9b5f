import { describe, expect, it } from 'vitest'
import type { ClientOptions } from '../../../../src/client/options.js'
import { paymentOf } from '../../../../src/index.js'
import { type WrapMCPOptions, wrapMCPClientWithPayment } from '../../../../src/mcp/index.js'
import { listPaid } from '../../../support/begin-to-prepay.js'
import { askToPay, catchError, sell } from '../../mcp/answers.js'
import { type Asked, openV1, openV2, type Sell, VERSIONS } from '../../mcp/open-mcp.js'
import { CALL, DEARER, KNOWN, SERVER, sellDearer, wrapPrepaying } from './prepaying-client.js'

/** A server that sells, until it is told to do something else. */
function createChanging() {
  let now: Sell = sell
  const become = (next: Sell) => {
    now = next
  }
  return { sell: (asked: Asked) => now(asked), become }
}

function failWith(code: number): never {
  throw Object.assign(new Error('It failed.'), { code })
}

describe.each(VERSIONS)('a prepaid call over MCP, with %s,', (_, open) => {
  const begin = async (prepay?: ClientOptions['prepay'], options?: ClientOptions & WrapMCPOptions) => {
    const changing = createChanging()
    const opened = await open(changing.sell)
    const buyer = wrapPrepaying(opened, prepay, options)
    await buyer.mcp.callTool(CALL)
    return { ...opened, ...buyer, ...changing }
  }

  it('error: PRICE_CHANGED when the price rose, and what was prepaid counts', async () => {
    const { mcp, become, asked, counted } = await begin()
    become(sellDearer)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({
      code: 'PRICE_CHANGED',
      money: 'in-doubt',
      response: askToPay(DEARER),
      facts: { prepaid: '10000 units' },
    })
    expect(await counted()).toEqual(['sent 10000', 'settled 10000'])
    expect(listPaid(asked)).toEqual([false, true, true])
  })

  it('returns the new terms with the error to those who want refusals returned', async () => {
    const { mcp, become } = await begin(undefined, { refusals: 'return' })
    become(sellDearer)
    const unpaid = await mcp.callTool(CALL)
    expect(unpaid).toEqual(askToPay(DEARER))
    expect(paymentOf(unpaid)).toMatchObject({ money: 'in-doubt', error: { code: 'PRICE_CHANGED' } })
  })

  it('pays the new price once, within limits that count both', async () => {
    const { mcp, become, counted, asked } = await begin([{ route: SERVER, onChange: 'pay-new' }])
    become(sellDearer)
    expect(paymentOf(await mcp.callTool(CALL))).toMatchObject({ money: 'settled', delivery: 'delivered' })
    expect(await counted()).toEqual(['sent 10000', 'settled 10000', 'settled 20000'])
    expect(listPaid(asked)).toEqual([false, true, true, true])
  })

  it('pays no new price where the limits have no room for both', async () => {
    const options = { limits: { perPayment: '$0.025' } } as const
    const { mcp, become, counted } = await begin([{ route: SERVER, onChange: 'pay-new' }], options)
    become(sellDearer)
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'PRICE_CHANGED', money: 'in-doubt' })
    expect(await counted()).toEqual(['sent 10000', 'settled 10000'])
  })

  it('presents the same payment when the server asks with the same terms again', async () => {
    const { mcp, become, payments, asked } = await begin()
    become(() => askToPay())
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'PAYMENT_REJECTED', money: 'in-doubt' })
    expect(payments()).toHaveLength(2)
    become(sell)
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(payments()).toHaveLength(2)
    expect(listPaid(asked).at(2)).toBe(true)
  })

  it('warns when the tool became free, and asks from then on', async () => {
    const { mcp, become, asked, warnings } = await begin()
    become(() => ({ content: [{ type: 'text', text: 'free now' }] }))
    const result = await mcp.callTool(CALL)
    expect(result).toMatchObject({ content: [{ text: 'free now' }] })
    expect(paymentOf(result)).toMatchObject({ money: 'in-doubt', delivery: 'delivered' })
    expect(warnings).toEqual(['PREPAID_WITHOUT_RECEIPT'])
    expect(paymentOf(await mcp.callTool({ name: 'get_forecast' }))).toBeUndefined()
    expect(listPaid(asked)).toEqual([false, true, true, false])
  })

  it('throws what the SDK throws for an error that blames the request, with its payment', async () => {
    const { mcp, become } = await begin(undefined, { refusals: 'return' })
    become(() => failWith(-32602))
    const error = await catchError(mcp.callTool(CALL))
    expect(error).toMatchObject({ code: -32602 })
    expect(paymentOf(error as object)).toMatchObject({ money: 'in-doubt', delivery: 'answered' })
  })

  it('error: ANSWER_LOST for any other, and the same call presents the same payment', async () => {
    const { mcp, become, payments } = await begin()
    become(() => failWith(-32603))
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'ANSWER_LOST', money: 'in-doubt' })
    become(sell)
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(payments()).toHaveLength(2)
  })

  it('shows the server’s own terms to a caller whose price has a limit', async () => {
    const { mcp, become, asked, counted } = await begin([{ route: SERVER }], {
      refusals: 'return',
      limits: { perResource: { payments: 1 } },
    })
    become(sellDearer)
    const unpaid = await mcp.callTool(CALL)
    expect(unpaid).toEqual(askToPay(DEARER))
    expect(paymentOf(unpaid)).toMatchObject({ money: 'untouched', error: { name: 'LimitError' } })
    expect(listPaid(asked)).toEqual([false, true, false])
    expect(await counted()).toEqual(['settled 10000'])
  })

  it('shows them to one whom a person refused, and asks that person once', async () => {
    let times = 0
    const limits = { approve: () => ++times === 1 }
    const { mcp, asked } = await begin(undefined, { limits, refusals: 'return' })
    const unpaid = await mcp.callTool(CALL)
    expect(unpaid).toEqual(askToPay())
    expect(paymentOf(unpaid)).toMatchObject({ money: 'untouched', error: { code: 'NOT_APPROVED' } })
    expect([times, listPaid(asked)]).toEqual([2, [false, true, false]])
  })

  it('error: NOT_APPROVED at once to one who wants it thrown, and asks nothing', async () => {
    let times = 0
    const { mcp, asked } = await begin(undefined, { limits: { approve: () => ++times === 1 } })
    await expect(mcp.callTool(CALL)).rejects.toMatchObject({ code: 'NOT_APPROVED', money: 'untouched' })
    expect(listPaid(asked)).toEqual([false, true])
  })
})

describe('a prepaid call over MCP', () => {
  it('is over when its caller gives up, and the same call presents the same payment', async () => {
    const changing = createChanging()
    const opened = await openV2(changing.sell)
    const { mcp, client } = wrapPrepaying(opened, [{ route: SERVER, terms: KNOWN }])
    changing.become(({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)))
    const abort = new AbortController()
    client.on('payment', ({ type }) => type === 'sent' && setImmediate(() => abort.abort()))
    await expect(mcp.callTool(CALL, { signal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      money: 'in-doubt',
    })
    changing.become(sell)
    expect(paymentOf(await mcp.callTool(CALL))?.money).toBe('settled')
    expect(opened.payments()).toHaveLength(1)
  })

  it('signs nothing once its caller has given up', async () => {
    const { mcpClient, asked } = await openV1(sell)
    const { mcp, records } = wrapPrepaying({ mcpClient }, [{ route: SERVER, terms: KNOWN }])
    await catchError(mcp.callTool(CALL, undefined, { signal: AbortSignal.abort() }))
    expect([asked, await records()]).toEqual([[], []])
  })

  it('error: PRICE_CHANGED to all calls that joined it, each with the new terms', async () => {
    const changing = createChanging()
    const { mcp } = wrapPrepaying(await openV2(changing.sell), undefined, { inFlight: 'join' })
    await mcp.callTool(CALL)
    changing.become(sellDearer)
    const ended = await Promise.allSettled([mcp.callTool(CALL), mcp.callTool(CALL)])
    const errors = ended.map((one) => (one.status === 'rejected' ? one.reason : undefined))
    for (const error of errors) expect(error).toMatchObject({ code: 'PRICE_CHANGED', response: askToPay(DEARER) })
    expect(errors[0].response).not.toBe(errors[1].response)
  })

  it('of one wrapped client is prepaid by what another bought on the same buyer', async () => {
    const [first, second] = [await openV1(sell), await openV2(sell)]
    const { mcp, client } = wrapPrepaying(first)
    await mcp.callTool(CALL)
    await wrapMCPClientWithPayment(second.mcpClient, client, { server: SERVER }).callTool(CALL)
    expect(listPaid(second.asked)).toEqual([true])
  })
})

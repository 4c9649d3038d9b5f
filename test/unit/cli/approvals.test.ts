import { type InputRequiredResult, isInputRequiredResult } from '@modelcontextprotocol/server'
import { describe, expect, it } from 'vitest'
import { type Approvals, type AskingCall, createApprovals } from '../../../src/cli/mcp/approvals.js'
import { wrapFetchWithPayment } from '../../../src/fetch/index.js'
import { isX402Error, type RestrictedClient, x402Client } from '../../../src/index.js'
import { createSeller, TestScheme } from '../../../src/testing/index.js'

/** A seller whose prices change when a test says so, and a client that asks about each payment above a cent. */
function createShop() {
  const sell = (price: string) => {
    const routes = { '/report': { price, answer: { pages: 3 } }, '/map': { price: '$0.05', answer: { miles: 9 } } }
    return createSeller({ url: 'https://api.example.com', routes })
  }
  const sellers = [sell('$0.05'), sell('$0.50')] as const
  let current: (typeof sellers)[number] = sellers[0]
  const approvals: Approvals = createApprovals(() => agent)
  const agent: RestrictedClient = new x402Client()
    .register('eip155:*', new TestScheme())
    .restrict({ total: '$2', approveAbove: '$0.01', approve: approvals.approve })
  const paidFetch = wrapFetchWithPayment((input, init) => current.fetch(input, init), agent)
  const buy = async (path: string, { responses }: Pick<AskingCall, 'responses'> = { responses: undefined }) =>
    serve(path, { canAsk: true, responses })
  const serve = async (path: string, call: AskingCall) =>
    approvals.during(call, () =>
      paidFetch(`https://api.example.com${path}`).then(
        ({ status }) => ({ status }),
        (error: unknown) => ({ refused: isX402Error(error) ? error.code : error }),
      ),
    )
  return {
    buy,
    serve,
    raise: () => {
      current = sellers[1]
    },
    paid: () => sellers.flatMap(({ payments }) => payments).length,
  }
}

/** The one question of a result: its id, and what the person reads. */
function readQuestion(result: unknown) {
  const asked = isInputRequiredResult(result) ? (result as InputRequiredResult) : undefined
  const [id = '', request] = Object.entries(asked?.inputRequests ?? {})[0] ?? []
  return { id, message: String(Reflect.get(new Object(request?.params), 'message')) }
}

const yes = { action: 'accept', content: { pay: true } }

describe('createApprovals', () => {
  it('pays nothing while it asks, and once after a yes', async () => {
    const { buy, paid } = createShop()
    const { id, message } = readQuestion(await buy('/report'))
    expect(message).toContain('Pay $0.05 to api.example.com?')
    expect(message).toContain('Left now: $2.00 of $2.00 (total)')
    expect(paid()).toBe(0)
    expect(await buy('/report', { responses: { [id]: yes } })).toEqual({ status: 200 })
    expect(paid()).toBe(1)
  })

  it('asks again when the price has changed since the question', async () => {
    const { buy, raise, paid } = createShop()
    const { id } = readQuestion(await buy('/report'))
    raise()
    const { message } = readQuestion(await buy('/report', { responses: { [id]: yes } }))
    expect(message).toContain('Pay $0.50 to api.example.com?')
    expect(paid()).toBe(0)
  })

  it('takes a yes once', async () => {
    const { buy, paid } = createShop()
    const { id } = readQuestion(await buy('/report'))
    await buy('/report', { responses: { [id]: yes } })
    expect(readQuestion(await buy('/report', { responses: { [id]: yes } })).message).toContain('Pay $0.05')
    expect(paid()).toBe(1)
  })

  it('takes a yes for what was asked, and for nothing else', async () => {
    const { buy, paid } = createShop()
    const { id } = readQuestion(await buy('/report'))
    expect(readQuestion(await buy('/map', { responses: { [id]: yes } })).message).toContain('/map')
    expect(paid()).toBe(0)
  })

  it('takes no answer to a question that it never asked', async () => {
    const { buy, paid } = createShop()
    const forged = { pay: yes, '6f1c8f6e-8f7a-4c55-9f5e-1f8f8e0b8f11': yes }
    expect(readQuestion(await buy('/report', { responses: forged })).message).toContain('Pay $0.05')
    expect(paid()).toBe(0)
  })

  it.each([
    { action: 'decline' },
    { action: 'cancel' },
    { action: 'accept' },
    { action: 'accept', content: {} },
    { action: 'accept', content: { pay: 'true' } },
    { action: 'accept', content: { pay: false } },
    'yes',
    true,
  ])('takes %j for a no', async (answer) => {
    const { buy, paid } = createShop()
    const { id } = readQuestion(await buy('/report'))
    expect(await buy('/report', { responses: { [id]: answer } })).toEqual({ refused: 'NOT_APPROVED' })
    expect(paid()).toBe(0)
  })

  it('lets a payment wait for a desk where no one can be asked', async () => {
    const { serve, paid } = createShop()
    expect(await serve('/report', { canAsk: false, responses: undefined })).toEqual({ refused: 'APPROVAL_PENDING' })
    expect(paid()).toBe(0)
  })

  it('keeps two questions at once apart', async () => {
    const { buy, paid } = createShop()
    const [report, map] = (await Promise.all([buy('/report'), buy('/map')])).map(readQuestion)
    const answers = { [String(report?.id)]: yes, [String(map?.id)]: { action: 'decline' } }
    expect(await buy('/map', { responses: answers })).toEqual({ refused: 'NOT_APPROVED' })
    expect(await buy('/report', { responses: answers })).toEqual({ status: 200 })
    expect(paid()).toBe(1)
  })
})

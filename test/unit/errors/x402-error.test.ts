import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { ConfigurationError, isX402Error, X402Error } from '../../../src/errors/x402-error.js'
import { DeliveryError, LimitError } from '../../../src/index.js'

const error = new LimitError('Refused to pay 2.50 USDC: the limit "perPayment" allows 1.00 USDC.', {
  code: 'LIMIT_PER_PAYMENT',
  money: 'untouched',
  facts: { resource: 'GET https://api.example.com/report', network: 'eip155:8453', absent: undefined },
  hint: 'Raise `limits.perPayment`, or catch LimitError to skip this resource.',
  response: { secret: 'answer' },
})

describe('X402Error', () => {
  it('says what happened, the facts, the way out, and where the money is', () => {
    expect(String(error)).toMatchInlineSnapshot(`
      "LimitError: Refused to pay 2.50 USDC: the limit "perPayment" allows 1.00 USDC.
        resource: GET https://api.example.com/report
        network: eip155:8453
      Raise \`limits.perPayment\`, or catch LimitError to skip this resource.
      Money: untouched. Docs: node_modules/pay402/docs/errors.md#limit_per_payment"
    `)
  })

  it('shows the answer to code, and to no log', () => {
    expect(error.response).toEqual({ secret: 'answer' })
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY })).not.toContain('answer')
    expect(JSON.stringify(error)).toBe(
      '{"name":"LimitError","code":"LIMIT_PER_PAYMENT","money":"untouched","message":"Refused to pay 2.50 USDC: the limit \\"perPayment\\" allows 1.00 USDC.","facts":{"resource":"GET https://api.example.com/report","network":"eip155:8453"}}',
    )
  })

  it('is known by its brand, class by class', () => {
    expect(error).toBeInstanceOf(LimitError)
    expect(error).toBeInstanceOf(X402Error)
    expect(error).toBeInstanceOf(Error)
    expect(error).not.toBeInstanceOf(DeliveryError)
    expect(new Error('x')).not.toBeInstanceOf(X402Error)
    expect(isX402Error(error)).toBe(true)
    for (const other of [undefined, null, 'x', {}, new Error('x')]) expect(isX402Error(other)).toBe(false)
  })

  it('leaves a subclass of the user to its prototype', () => {
    class MyError extends LimitError {}
    expect(error).not.toBeInstanceOf(MyError)
    expect(new MyError('x', { code: 'LIMIT_TOTAL', money: 'untouched' })).toBeInstanceOf(MyError)
  })

  it('takes the name of an abort where the platform has one', () => {
    const aborted = new DeliveryError('x', { code: 'ABORTED', money: 'in-doubt', name: 'AbortError' })
    expect(aborted.name).toBe('AbortError')
    expect(aborted).toBeInstanceOf(DeliveryError)
  })

  it('keeps its cause', () => {
    const cause = new TypeError('fetch failed')
    const failed = new DeliveryError('x', { code: 'ANSWER_LOST', money: 'in-doubt', cause })
    expect(failed.cause).toBe(cause)
    expect('cause' in error).toBe(false)
  })
})

it('ConfigurationError: never touches money', () => {
  expect(new ConfigurationError('x', { code: 'INVALID_OPTION' }).money).toBe('untouched')
})

import type { Matchers as JestMatchers } from 'expect'
import { http } from 'msw'
import { setupServer } from 'msw/node'
import { x402Client } from 'pay402'
import { createSeller, type PaymentMatchers, paymentMatchers } from 'pay402/testing'
import { describe, expect, expectTypeOf, it } from 'vitest'

// What the page on testing tells those who import `expect` from '@jest/globals' to write.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends PaymentMatchers {}
}

describe('the matchers', () => {
  it('are typed in vitest, and are to be waited for', () => {
    expect.extend(paymentMatchers)
    const assertion = expect(new x402Client())
    expectTypeOf(assertion.toHavePaid).toEqualTypeOf<(amount: string) => Promise<void>>()
    expectTypeOf(assertion.not.toHaveSpentNothing).toEqualTypeOf<() => Promise<void>>()
  })

  it('are typed in @types/jest, by the name that it declares', () => {
    expectTypeOf<jest.Matchers<void, x402Client>['toHavePaid']>().toEqualTypeOf<(amount: string) => Promise<void>>()
  })

  it('are typed in @jest/globals, by the lines of the page', () => {
    expectTypeOf<JestMatchers<void>['toHaveSpentNothing']>().toEqualTypeOf<() => Promise<void>>()
  })
})

describe('seller.handlers', () => {
  it('are what msw takes', () => {
    const handlers = createSeller().handlers(http)
    expectTypeOf(setupServer).toBeCallableWith(...handlers)
  })
})

import { bigInt, assert as holds, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Charge } from '../../../src/payment/payment.js'
import { toCharged } from '../../../src/payment/payment.js'

const charges: readonly Charge[] = [
  { unit: 'payments/all', amount: 1n },
  { unit: 'usd', amount: 10_000n * 10n ** 12n },
  { unit: 'a/b', amount: 10_000n },
]
const record = { amount: 10_000n, charges }

describe('toCharged', () => {
  it('counts of each charge the share that was taken, and still one payment', () => {
    expect(toCharged(record, 2_500n)).toEqual({
      charged: 2_500n,
      charges: [
        { unit: 'payments/all', amount: 1n },
        { unit: 'usd', amount: 2_500n * 10n ** 12n },
        { unit: 'a/b', amount: 2_500n },
      ],
    })
  })

  it('rounds up what can’t be shared evenly', () => {
    const odd = { amount: 3n, charges: [{ unit: 'usd', amount: 10n }] as const }
    expect(toCharged(odd, 1n)?.charges).toEqual([{ unit: 'usd', amount: 4n }])
  })

  it.each([10_000n, 10_001n, 2n ** 256n])('never counts more than was reserved: %s', (taken) => {
    expect(toCharged(record, taken)).toEqual({ charged: 10_000n })
  })

  it('counts nothing less where the chain names nothing, or less than that', () => {
    expect(toCharged(record, undefined)).toBeUndefined()
    expect(toCharged(record, -1n)).toBeUndefined()
  })

  it('counts a payment of nothing as one', () => {
    expect(toCharged({ amount: 0n, charges }, 0n)).toEqual({ charged: 0n })
    expect(toCharged(record, 0n)?.charges?.map(({ amount }) => amount)).toEqual([1n, 0n, 0n])
  })

  it('never counts more than before, and never less than the share', () => {
    const amount = bigInt(1n, 2n ** 256n)
    void holds(
      property(amount, bigInt(0n, 2n ** 256n), bigInt(0n, 2n ** 256n), (reserved, taken, charge) => {
        const one = { amount: reserved, charges: [{ unit: 'usd', amount: charge }] as const }
        const counted = (toCharged(one, taken)?.charges ?? one.charges)[0]?.amount ?? -1n
        expect(counted).toBeLessThanOrEqual(charge)
        expect(counted * reserved).toBeGreaterThanOrEqual(charge * (toCharged(one, taken)?.charged ?? -1n))
      }),
    )
  })
})

import type { Charge } from '../../flow/ports.js'

/** A dollar, as charges count it. */
export const DOLLAR = 10n ** 18n

/** What a payment of so many dollars is charged. */
export function dollars(amount: number): readonly Charge[] {
  return [
    { unit: 'payments/all', amount: 1n },
    { unit: 'usd', amount: BigInt(amount) * DOLLAR },
  ]
}

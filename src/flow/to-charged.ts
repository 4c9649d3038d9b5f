import type { Facts, LedgerRecord } from './ports.js'

/**
 * What a payment counts once the chain told what it really took: of each charge the same share, rounded up, and still one payment.
 *
 * @param record - What it counts now: atomic units, and the charges made of them.
 * @param taken - What the chain names, in atomic units. It never counts more than before.
 * @returns `undefined` where the charges stay as they are.
 */
export function toCharged(
  { amount, charges }: Pick<LedgerRecord, 'amount' | 'charges'>,
  taken: bigint,
): Pick<Facts, 'charges'> | undefined {
  if (taken < 0n || taken >= amount) return undefined
  return {
    charges: charges.map((charge) =>
      // Payments are counted, not weighed.
      charge.unit.startsWith('payments/')
        ? charge
        : { unit: charge.unit, amount: (charge.amount * taken + amount - 1n) / amount },
    ),
  }
}

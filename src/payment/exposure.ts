import type { Charge, Facts, LedgerRecord } from '../flow/ports.js'

/**
 * What a payment counts once the chain told what it really took: of each charge the same share, rounded up, and still one payment.
 *
 * @param record - The payment as it was reserved.
 * @param taken - What the chain names, in atomic units. It never counts more than was reserved.
 * @returns `undefined` where the chain names nothing that can be counted.
 */
export function toCharged(
  { amount, charges }: Pick<LedgerRecord, 'amount' | 'charges'>,
  taken: bigint | undefined,
): Pick<Facts, 'charged' | 'charges'> | undefined {
  if (typeof taken !== 'bigint' || taken < 0n) return undefined
  const charged = taken < amount ? taken : amount
  if (charged === amount) return { charged }
  return { charged, charges: charges.map((charge) => toShare(charge, charged, amount)) }
}

/** Payments are counted, not weighed. */
function toShare({ unit, amount }: Charge, charged: bigint, reserved: bigint): Charge {
  return { unit, amount: unit.startsWith('payments/') ? amount : (amount * charged + reserved - 1n) / reserved }
}

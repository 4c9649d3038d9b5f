import type { Charge } from './payment.js'

/** What a payment counts, and of what amount that was reserved. */
export type Reserved = { readonly amount: bigint; readonly charges: readonly Charge[] }

/** What was taken, and what counts instead of what was reserved; without charges where nothing changes. */
export type Charged = { readonly charged: bigint; readonly charges?: readonly Charge[] | undefined }

/**
 * What a payment counts once it is known what it really takes: of each charge the same share, rounded up, and still one payment.
 *
 * @param reserved - What was reserved.
 * @param taken - What is taken, in atomic units. It never counts more than was reserved.
 * @returns `undefined` where nothing that can be counted is known.
 */
export function toCharged({ amount, charges }: Reserved, taken: bigint | undefined): Charged | undefined {
  if (typeof taken !== 'bigint' || taken < 0n) return undefined
  const charged = taken < amount ? taken : amount
  if (charged === amount) return { charged }
  return { charged, charges: charges.map((charge) => toShare(charge, charged, amount)) }
}

/** Payments are counted, not weighed. */
function toShare({ unit, amount }: Charge, charged: bigint, reserved: bigint): Charge {
  return { unit, amount: unit.startsWith('payments/') ? amount : (amount * charged + reserved - 1n) / reserved }
}

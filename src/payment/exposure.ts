import type { Charge } from './payment.js'

/** What was reserved for a payment: the amount, in atomic units, and what it counts. */
export type Reserved = { readonly amount: bigint; readonly charges: readonly Charge[] }

/** What was taken, and what counts instead of what was reserved; without charges when nothing changes. */
export type Charged = { readonly charged: bigint; readonly charges?: readonly Charge[] | undefined }

/**
 * Works out what a payment counts once it is known how much it really takes: the same share of each charge, rounded up. It still counts as
 * one payment.
 *
 * @param reserved - What was reserved.
 * @param taken - What is taken, in atomic units. Never more counts than was reserved.
 * @returns `undefined` when `taken` isn't an amount that can be counted.
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

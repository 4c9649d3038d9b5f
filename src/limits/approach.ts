import { invalidOption } from '../errors/options.js'
import type { Cap } from '../payment/ledger.js'
import type { Watch } from '../payment/limits.js'
import type { Charge } from '../payment/payment.js'

/** When a client's events tell that payments come near to a limit. */
export type ApproachOptions = {
  /**
   * Shares of a limit, above 0 and up to 1. A payment that crosses one is told as an event of type `approach`: each share once on the way up,
   * and again after payments have aged out. Changes nothing about the payment.
   *
   * @default [0.8]
   * @example { perDay: '$5', approachAt: [0.5, 0.9] }
   */
  approachAt?: readonly number[] | undefined
}

/** {@link ApproachOptions} that were read: which of the caps that one payment is checked against are watched. */
export type ApproachRule = (
  caps: readonly Cap[],
  charges: readonly Charge[],
  write: (charge: Charge) => string,
) => readonly Watch[]

/** Shares are compared in whole parts of this many, since amounts are integers. */
const WHOLE = 10 ** 12

/**
 * Reads when it is told that payments come near to a limit.
 *
 * @param options - Untrusted.
 * @param where - What the options are called, such as `limits`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readApproach({ approachAt: shares = [0.8] }: ApproachOptions, where: string): ApproachRule {
  if (!Array.isArray(shares) || !shares.every(isShare)) {
    throw invalidOption(`${where}.approachAt`, 'a list of shares above 0 and up to 1')
  }
  return shares.length === 0 ? () => [] : createWatch([...shares])
}

/**
 * Says which shares of a cap a payment crossed.
 *
 * @param cap - What it counts against.
 * @param before - What counted before it: money, or payments where the cap counts those.
 * @param added - What it added.
 * @param shares - Above 0 and at most 1.
 * @returns The shares that were not reached before, and now are.
 */
export function approaching(cap: Cap, before: bigint, added: bigint, shares: readonly number[]): readonly number[] {
  return shares.filter((share) => {
    const mark = toAllowed(cap) * BigInt(Math.round(share * WHOLE))
    return before * BigInt(WHOLE) < mark && mark <= (before + added) * BigInt(WHOLE)
  })
}

function createWatch(shares: readonly number[]): ApproachRule {
  return (caps, charges, write) => {
    const approaches: Watch['approaches'] = (cap, { held, spent, count }) => {
      const { name: limit, scope, unit } = cap
      const after = cap.count === undefined ? held + spent : BigInt(count)
      const added = charges.find((charge) => charge.unit === unit)?.amount ?? 0n
      const texts = () => ({ spent: write({ unit, amount: after }), allowed: write({ unit, amount: toAllowed(cap) }) })
      return approaching(cap, after - added, added, shares).map((share) => ({ limit, scope, share, ...texts() }))
    }
    return caps.length === 0 ? [] : [{ caps, approaches }]
  }
}

function toAllowed({ amount, count = 0 }: Cap): bigint {
  return amount ?? BigInt(count)
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= 1
}

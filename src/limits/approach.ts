import { assertOptions, invalidOption } from '../errors/options.js'
import type { Approach, Cap, Charge, Watch } from '../flow/ports.js'

/** Who is told that payments come near to a limit. */
export type ApproachOptions = {
  /**
   * Called once a payment was reserved that crossed a share of a limit: each share once on the way up, and again after payments
   * have aged out. Changes nothing about the payment.
   *
   * @default nobody is told
   * @example { onApproach: ({ limit, spent, allowed }) => log(`${limit}: ${spent} of ${allowed}`) }
   * @example { onApproach: { at: [0.5, 0.9], notify } }
   */
  onApproach?: Notify | { at?: readonly number[] | undefined; notify: Notify } | undefined
}

/** Told how near a limit is. */
export type Notify = (approach: Approach) => void

/** {@link ApproachOptions} that were read: who watches the caps that one payment is checked against. */
export type ApproachRule = (
  caps: readonly Cap[],
  charges: readonly Charge[],
  write: (charge: Charge) => string,
) => readonly Watch[]

/** Shares are compared in whole parts of this many, since amounts are integers. */
const WHOLE = 10 ** 12

/**
 * Reads who is told that payments come near to a limit.
 *
 * @param options - Untrusted.
 * @param where - What the options are called, such as `limits`.
 * @throws {@link ConfigurationError} naming the option that can't be read.
 */
export function readApproach({ onApproach }: ApproachOptions, where: string): ApproachRule {
  if (onApproach === undefined) return () => []
  const options = typeof onApproach === 'function' ? { notify: onApproach } : onApproach
  assertOptions(options, `${where}.onApproach`, ['at', 'notify'])
  const { at: shares = [0.8], notify } = options
  if (!Array.isArray(shares) || !shares.every(isShare)) {
    throw invalidOption(`${where}.onApproach.at`, 'a list of shares above 0 and up to 1')
  }
  if (typeof notify !== 'function') throw invalidOption(`${where}.onApproach.notify`, 'a function')
  return createWatch([...shares], notify)
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

function createWatch(shares: readonly number[], notify: Notify): ApproachRule {
  return (caps, charges, write) => {
    const notice: Watch['notice'] = (cap, { held, spent, count }) => {
      const { name: limit, scope, unit } = cap
      const after = cap.count === undefined ? held + spent : BigInt(count)
      const added = charges.find((charge) => charge.unit === unit)?.amount ?? 0n
      const texts = { spent: write({ unit, amount: after }), allowed: write({ unit, amount: toAllowed(cap) }) }
      for (const share of approaching(cap, after - added, added, shares)) notify({ limit, scope, share, ...texts })
    }
    return [{ caps, notice }]
  }
}

function toAllowed({ amount, count = 0 }: Cap): bigint {
  return amount ?? BigInt(count)
}

function isShare(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= 1
}
